#pragma once

#include <string>
#include <string_view>

namespace acronis {

/// Label value of a task without a queue.
inline constexpr std::string_view kNoQueue = "_none";
/// Longest label value in bytes. The API's own limit for a queue is 64.
inline constexpr std::size_t kMaxLabelBytes = 128;

/// A text made fit for a label value.
struct Label {
  std::string value;
  bool repaired = false;  ///< Something had to be replaced or cut.
};

/// Keeps everything that is valid UTF-8, replaces what is not by U+FFFD and
/// cuts at kMaxLabelBytes, never inside a character.
Label RepairLabel(std::string_view text);

}  // namespace acronis
