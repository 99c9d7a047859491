#include "exporter/commands/nagios_range.h"

#include <charconv>
#include <cstddef>
#include <system_error>

namespace acronis::exporter {
namespace {

std::optional<double> ParseEnd(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789.-") != std::string_view::npos) {
    return std::nullopt;
  }
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = failure == std::errc{} && end == text.data() + text.size();
  return whole ? std::optional(value) : std::nullopt;
}

std::optional<double> ParseLow(std::string_view text) {
  if (text == "~") {
    return -std::numeric_limits<double>::infinity();
  }
  return text.empty() ? std::optional(0.0) : ParseEnd(text);
}

std::optional<double> ParseHigh(std::string_view text) {
  return text.empty() ? std::optional(std::numeric_limits<double>::infinity()) : ParseEnd(text);
}

}  // namespace

std::optional<NagiosRange> ParseNagiosRange(std::string_view text) {
  NagiosRange range;
  range.text = text;
  range.inside = text.starts_with('@');
  text.remove_prefix(range.inside ? 1 : 0);
  const std::size_t colon = text.find(':');
  if (text.empty() || text == ":") {
    return std::nullopt;
  }
  const bool bare = colon == std::string_view::npos;
  const std::optional<double> low = bare ? 0.0 : ParseLow(text.substr(0, colon));
  const std::optional<double> high = ParseHigh(bare ? text : text.substr(colon + 1));
  if (!low || !high || *low > *high) {
    return std::nullopt;
  }
  range.low = *low;
  range.high = *high;
  return range;
}

}  // namespace acronis::exporter
