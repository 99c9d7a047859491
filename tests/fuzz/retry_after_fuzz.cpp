#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "plugin/api/error_body.h"
#include "plugin/core/time_format.h"

namespace {

using std::chrono::seconds;

constexpr seconds kLongest{300};

bool IsSpace(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

std::string Trimmed(std::string text) {
  text.erase(std::find_if_not(text.rbegin(), text.rend(), IsSpace).base(), text.end());
  text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), IsSpace));
  return text;
}

/// The number that the digits stand for, or any larger than the longest wait; empty if not digits.
std::optional<seconds> Digits(const std::string& text) {
  seconds value{0};
  for (const char c : text) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    value = std::min(value * 10 + seconds(c - '0'), kLongest);
  }
  return text.empty() ? std::nullopt : std::optional(value);
}

}  // namespace

/// Retry-After in the first line, Date in the second: seconds are taken up to five minutes, dates
/// are waited for within the same bounds, anything else is as if it were not there.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(text.find('\n'), size);
  const std::string wait = text.substr(0, line);
  const std::string date = text.substr(std::min(line + 1, size));
  const auto error = acronis::api::StatusError(
      "fuzz", {503, {{"Retry-After", wait}, {"Date", date}}, ""}, acronis::TimePoint(seconds(1)));
  const bool limited = error.kind == acronis::ErrorKind::kRateLimited;
  const auto digits = Digits(Trimmed(wait));
  const bool known = digits || acronis::ParseHttpDate(Trimmed(wait));
  if (limited != error.retry_after.has_value() || known != limited ||
      (limited && (*error.retry_after < seconds(0) || *error.retry_after > kLongest)) ||
      (digits && error.retry_after != digits)) {
    std::abort();
  }
  return 0;
}
