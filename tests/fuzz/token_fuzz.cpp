#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "plugin/api/token_reply.h"

/// Whatever a token reply holds: a token that fits into a header and a life that makes sense.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(reinterpret_cast<const char*>(data), size);
  const acronis::TimePoint sent_at(std::chrono::seconds(1'587'553'200));
  const auto reply = acronis::api::ParseTokenReply(body, sent_at, std::nullopt);
  if (!reply) {
    return 0;
  }
  const bool one_line = reply->token.Reveal().find_first_of("\r\n") == std::string::npos;
  if (reply->token.Empty() || !one_line || reply->life <= std::chrono::seconds(0) ||
      reply->life > std::chrono::hours(24)) {
    std::abort();
  }
  return 0;
}
