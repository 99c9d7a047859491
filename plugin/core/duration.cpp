#include "plugin/core/duration.h"

#include <array>
#include <charconv>
#include <cstdint>

namespace acronis {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

struct Unit {
  std::string_view suffix;
  nanoseconds length;
};
constexpr std::array kUnits = {Unit{"y", hours(24 * 365)}, Unit{"w", hours(24 * 7)},
                               Unit{"d", hours(24)},       Unit{"h", hours(1)},
                               Unit{"m", minutes(1)},      Unit{"s", seconds(1)},
                               Unit{"ms", milliseconds(1)}};

/// Cuts a whole number off the front.
std::optional<std::int64_t> TakeNumber(std::string_view& text) {
  std::int64_t value = 0;
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value < 0 || text.front() == '-') {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(stopped - text.data()));
  return value;
}

std::string_view TakeLetters(std::string_view& text) {
  const auto length = std::min(text.find_first_not_of("ywdhms"), text.size());
  const std::string_view letters = text.substr(0, length);
  text.remove_prefix(length);
  return letters;
}

}  // namespace

std::optional<nanoseconds> ParseDuration(std::string_view text) {
  if (text == "0") {
    return nanoseconds::zero();
  }
  if (text.empty()) {
    return std::nullopt;
  }
  nanoseconds total = nanoseconds::zero();
  const auto* unit = kUnits.begin();
  while (!text.empty()) {
    const auto number = TakeNumber(text);
    const std::string_view suffix = TakeLetters(text);
    while (unit != kUnits.end() && unit->suffix != suffix) {
      ++unit;
    }
    if (!number || unit == kUnits.end() || *number > (nanoseconds::max() - total) / unit->length) {
      return std::nullopt;
    }
    total += unit->length * *number;
    ++unit;
  }
  return total;
}

std::string DurationText(std::chrono::nanoseconds duration) {
  std::string text;
  int units = 0;
  for (const Unit& unit : kUnits) {
    const bool readable = unit.length <= hours(24) && unit.length >= seconds(1);
    if (readable && duration >= unit.length && units < 2) {
      text += std::to_string(duration / unit.length) + std::string(unit.suffix);
      ++units;
    }
    duration %= readable ? unit.length : nanoseconds::max();
  }
  return text.empty() ? "0s" : text;
}

}  // namespace acronis
