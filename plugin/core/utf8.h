#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace acronis {

/// U+FFFD, which stands for what cannot be read.
inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

/// What a text begins with.
struct Utf8Beginning {
  std::size_t length = 0;  ///< In bytes, at least 1.
  /// A character. If not, these bytes begin none, or one that does not go on as it should; one
  /// replacement stands for all of them (Unicode's "maximal subpart", as browsers do it).
  bool valid = false;
};

/// REQUIRES: `text` is not empty.
Utf8Beginning BeginningOf(std::string_view text);

/// A text in valid UTF-8.
struct RepairedText {
  std::string text{};
  std::uint64_t replacements = 0;
};

/// Puts a U+FFFD in the place of everything that is not UTF-8. Empty if that takes more than
/// `max_replacements`.
std::optional<RepairedText> RepairUtf8(std::string_view text, std::uint64_t max_replacements);

}  // namespace acronis
