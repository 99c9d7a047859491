#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plugin/core/secret.h"

namespace acronis::exporter {

/// A user's name and password as a request brings them. Any bytes, possibly none.
struct Credentials {
  std::string user{};
  Secret password{};
};

/// Reads the value of an Authorization header: the word `Basic` in any case, one space, and
/// `user:password` in Base64. The first colon ends the user.
///
/// Empty for anything else: another scheme, characters that are not Base64, missing padding,
/// stray bits, no colon. When a request has the header twice, the first one counts.
std::optional<Credentials> ReadBasicCredentials(std::string_view header);

}  // namespace acronis::exporter
