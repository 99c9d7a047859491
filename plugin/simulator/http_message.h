#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace acronis::simulator {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// First header of that name, case-insensitive; empty if there is none.
std::string_view FindHeader(const Headers& headers, std::string_view name);
/// Replaces every header of that name by one.
void SetHeader(Headers& headers, std::string_view name, std::string value);
void RemoveHeader(Headers& headers, std::string_view name);

/// One request as it came over the wire.
struct Request {
  std::string method = "GET";
  std::string target{};  ///< Path and query, still percent-encoded.
  Headers headers{};
  std::string body{};
  std::uint64_t earlier = 0;  ///< Requests before it on its connection.
};

/// What happens to the bytes of a reply on their way to the client.
enum class Wire : std::uint8_t {
  kWhole,             ///< Everything arrives as it should.
  kHangUp,            ///< The connection is closed before the first byte.
  kReset,             ///< The connection is reset before the first byte.
  kResetInHeaders,    ///< ... in the middle of the headers.
  kDripHeaders,       ///< One byte at a time, from the status line on.
  kDripBody,          ///< One byte at a time, from the body on.
  kStallBeforeReply,  ///< No byte ever comes.
  kStallInBody,       ///< Half of the body comes, then nothing.
  kCutBody,           ///< The peer hangs up after half of the announced body.
  kCutChunk,          ///< Chunked; the peer hangs up within a chunk.
  kBadChunkSize,      ///< Chunked; a chunk size that is no number.
  kHugeChunkSize,     ///< Chunked; a chunk size beyond 64 bits.
  kTrailingGarbage,   ///< Bytes after the end of the reply, then the peer hangs up.
  kHugeBody,          ///< A body of `amount` MiB, sent as the client reads it.
  kEndlessBody,       ///< Chunked, without an end, sent as the client reads it.
  kEndlessHeader,     ///< A header line without an end.
  kManyHeaders,       ///< `amount` headers.
  kHugeHeader,        ///< One header of `amount` bytes.
  kCloseAfterReply,   ///< Whole, but the kept-alive connection is closed without a word.
};

/// How a reply is to be delivered.
struct Delivery {
  Wire wire = Wire::kWhole;
  std::chrono::milliseconds latency{0};  ///< Before the first byte.
  std::int64_t amount =
      0;  ///< Of kHugeBody, kManyHeaders, kHugeHeader; milliseconds a byte of the drips.
};

struct Reply {
  int status = 200;
  Headers headers{};
  std::string body{};
  Delivery delivery{};
};

}  // namespace acronis::simulator
