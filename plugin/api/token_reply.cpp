#include "plugin/api/token_reply.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "plugin/api/json_document.h"

namespace acronis::api {
namespace {

using std::chrono::nanoseconds;

/// However long a server promises: a day is enough, and renewing costs one request.
constexpr nanoseconds kLongestLife = std::chrono::hours(24);

Error Refuse(std::string problem) {
  return {ErrorKind::kInvalidResponse, "token reply: " + std::move(problem)};
}

bool FitsIntoTimePoint(std::int64_t unix_seconds) {
  constexpr std::int64_t kMaxSeconds = std::numeric_limits<std::int64_t>::max() / 1'000'000'000;
  return unix_seconds > 0 && unix_seconds < kMaxSeconds;
}

}  // namespace

Result<TokenReply> ParseTokenReply(const std::string& body, TimePoint sent_at,
                                   std::optional<nanoseconds> life_limit) {
  const auto document = ParseJsonObject(body);
  if (document.isNull()) {
    return Refuse("not a JSON object");
  }
  Secret token(TextAt(document, "access_token"));
  if (token.Empty() || token.Reveal().find_first_of("\r\n") != std::string::npos) {
    return Refuse("no usable access_token");
  }
  const auto expires_on = IntegerAt(document, "expires_on");
  if (!expires_on && !life_limit) {
    return Refuse("no expires_on");
  }
  const nanoseconds limit = std::min(life_limit.value_or(kLongestLife), kLongestLife);
  if (!expires_on) {
    return TokenReply{std::move(token), sent_at + limit, limit};
  }
  // A time beyond what can be held is as good as for ever.
  const TimePoint expires_at = FitsIntoTimePoint(*expires_on)
                                   ? TimePoint(std::chrono::seconds(*expires_on))
                                   : (*expires_on > 0 ? TimePoint::max() : TimePoint());
  if (expires_at <= sent_at) {
    return Refuse("the token had expired when it was sent (expires_on " +
                  std::to_string(*expires_on) + ")");
  }
  return TokenReply{std::move(token), expires_at, std::min(expires_at - sent_at, limit)};
}

}  // namespace acronis::api
