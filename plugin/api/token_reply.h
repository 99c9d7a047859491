#pragma once

#include <optional>
#include <string>

#include "plugin/core/clock.h"
#include "plugin/core/result.h"
#include "plugin/core/secret.h"

namespace acronis::api {

/// What the token endpoint gave.
struct TokenReply {
  Secret token;
  TimePoint expires_at;             ///< In the server's time.
  std::chrono::nanoseconds life{};  ///< Left when the reply was sent; positive, at most a day.
};

/// Reads the body of a token reply that was sent at `sent_at` (server time).
///
/// `life_limit` bounds the token's life: a token that was exchanged ends with the one it was
/// made from, also when its reply does not say when it expires. kInvalidResponse when there is
/// no token in it, no time of expiry and no limit, or when it has expired already.
Result<TokenReply> ParseTokenReply(const std::string& body, TimePoint sent_at,
                                   std::optional<std::chrono::nanoseconds> life_limit);

}  // namespace acronis::api
