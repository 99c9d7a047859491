#pragma once

#include <string>
#include <string_view>

namespace acronis {

/// 16 hexadecimal digits that tell one text from others (FNV-1a, 64 bits): the same on every
/// machine and in every version, for names that are kept. No protection against who wants two to be
/// alike.
std::string Fingerprint(std::string_view text);

}  // namespace acronis
