#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "plugin/core/time_format.h"

namespace {

/// As the time would be written: capitals, and no zeros at the end of a fraction.
std::string Normal(std::string text) {
  text[10] = 'T';
  text.pop_back();
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    text.erase(text.find_last_not_of('.') + 1);
  }
  return text + 'Z';
}

}  // namespace

/// A time that is read is written as it was read, and read back to the same instant.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto time = acronis::ParseRfc3339(text);
  if (!time) {
    return 0;
  }
  const std::string written = acronis::FormatRfc3339(*time);
  const bool utc = text.back() == 'Z' || text.back() == 'z';
  const bool leap_second = text.substr(17, 2) == "60";
  if (utc && !leap_second && (written != Normal(text) || acronis::ParseRfc3339(written) != time)) {
    std::abort();
  }
  // Local time of another zone: off by its offset, less than a day, in whole minutes.
  const auto local = acronis::ParseRfc3339(text.substr(0, utc ? size - 1 : size - 6) + 'Z');
  if (!local || (*local - *time) % std::chrono::minutes(1) != std::chrono::nanoseconds(0) ||
      std::chrono::abs(*local - *time) >= std::chrono::hours(24)) {
    std::abort();
  }
  return 0;
}
