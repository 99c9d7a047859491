#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace acronis::agents {

/// `text` with its control characters replaced by the pictures that Unicode has for them (U+2400
/// and on): for formats of one line that cannot escape them. Two texts stay two.
std::string WithoutControls(std::string_view text);

/// The same, and U+FF3C for each backslash: for formats in which it may escape what follows.
std::string WithoutEscapes(std::string_view text);

/// Which characters may stand in a name as they are. Bytes beyond ASCII are judged one by one.
using IsPlain = bool (*)(unsigned char);

/// A name of at most `most_bytes` for `text`: every other character becomes `_`, and a name that
/// differs from its text, or is cut, ends in `~` and eight hexadecimal digits that tell it from
/// others. REQUIRES: `most_bytes` is above 9.
std::string PlainName(std::string_view text, IsPlain is_plain, std::size_t most_bytes);

}  // namespace acronis::agents
