#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace acronis::exporter::http {

/// How the body of a request is delimited (RFC 9112, 6).
enum class BodyKind { kNone, kLength, kChunked };

/// The head of one HTTP/1.x request that passed the parser.
struct Request {
  std::string method{};  ///< A token, in the case it was sent in.
  std::string path{};    ///< Of an origin-form or absolute-form target, not decoded; `*` for `*`.
  std::string query{};   ///< Behind the `?`, not decoded.
  std::vector<std::pair<std::string, std::string>> fields{};  ///< Names in lower case.
  bool keep_alive = false;  ///< The client allows another request on this connection.
  bool expects_continue = false;
  BodyKind body = BodyKind::kNone;
  std::uint64_t body_size = 0;  ///< Of kLength.

  /// The first field of that name (lower case); null when there is none.
  const std::string* Find(std::string_view name) const;
  /// All fields of that name, joined by `, ` as RFC 9110, 5.3 has it.
  std::string Joined(std::string_view name) const;
};

}  // namespace acronis::exporter::http
