#include "plugin/metrics/number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

namespace acronis::metrics {
namespace {

constexpr double kLargestExactInteger = 9007199254740992.0;  // 2^53
constexpr std::size_t kNumberSpace = 32;  // The longest shortest double has 24 characters.

template <typename Number, typename... Format>
void AppendChars(std::string& out, Number number, Format... format) {
  std::array<char, kNumberSpace> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format...).ptr;
  out.append(buffer.data(), end);
}

/// True when `value` was one of the three that have no digits.
bool AppendSpecial(std::string& out, double value) {
  if (std::isfinite(value)) {
    return false;
  }
  out += std::isnan(value) ? "NaN" : (value > 0 ? "+Inf" : "-Inf");
  return true;
}

bool IsExactInteger(double value) {
  return std::abs(value) <= kLargestExactInteger && value == std::trunc(value) &&
         !(value == 0 && std::signbit(value));
}

}  // namespace

void AppendNumber(std::string& out, std::uint64_t value) {
  AppendChars(out, value);
}

void AppendNumber(std::string& out, double value) {
  if (AppendSpecial(out, value)) {
    return;
  }
  if (IsExactInteger(value)) {
    AppendChars(out, static_cast<std::int64_t>(value));
  } else {
    AppendChars(out, value);
  }
}

void AppendBound(std::string& out, double bound) {
  if (AppendSpecial(out, bound)) {
    return;
  }
  const std::size_t begin = out.size();
  AppendChars(out, bound, std::chars_format::general);
  if (out.find_first_of(".e", begin) == std::string::npos) {
    out += ".0";
  }
}

}  // namespace acronis::metrics
