#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string>

#include "plugin/core/time_format.h"

namespace {

std::string Format(std::time_t seconds, const char* form) {
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), form, &parts)};
}

/// A leap second is the second after it, for the last minute of 2261 one that is not read.
bool IsLeapSecond(const std::string& text) {
  return text.find(":60 ") != std::string::npos;
}

/// The weekday is not checked.
bool IsTheSame(const std::string& text, const std::string& written) {
  return text.substr(3) == written.substr(3) || IsLeapSecond(text);
}

}  // namespace

/// A date that is read is a whole second from 1970 to 2261, and is written as it was read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto time = acronis::ParseHttpDate(text);
  if (!time) {
    return 0;
  }
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*time);
  const std::time_t since_epoch = seconds.time_since_epoch().count();
  const std::string written = Format(since_epoch, "%a, %d %b %Y %H:%M:%S GMT");
  if (seconds != *time || since_epoch < 0 ||
      (acronis::ParseHttpDate(written) != time && !IsLeapSecond(text))) {
    std::abort();
  }
  const bool usual = text.size() == written.size() && text.ends_with("GMT");
  const bool ansi = text.size() == 24 && !text.ends_with("GMT") && !text.ends_with("UTC");
  if ((usual && !IsTheSame(text, written)) ||
      (ansi && !IsTheSame(text, Format(since_epoch, "%a %b %e %H:%M:%S %Y")) && text[8] != '0')) {
    std::abort();
  }
  return 0;
}
