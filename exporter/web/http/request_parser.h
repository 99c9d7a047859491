#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>

#include "exporter/web/http/request.h"

namespace acronis::exporter::http {

/// What a client may send before it is answered. A scrape sends some 400 bytes.
struct HeadLimits {
  std::size_t bytes = std::size_t{96} << 10U;  ///< Request line and fields together.
  std::size_t target = std::size_t{8} << 10U;
  std::size_t fields = 128;
};

/// More bytes are needed.
struct Incomplete {};

/// The request cannot be served, and what follows it on the connection cannot be found: answer with
/// `status` and close.
struct Malformed {
  int status = 400;           ///< 400, 414, 417, 431, 501 or 505.
  std::string_view reason{};  ///< For people, a constant.
};

/// A request, and how many bytes its head took.
struct Parsed {
  Request request{};
  std::size_t size = 0;
};

/// Reads the head of the first request in `bytes`.
///
/// Stricter than most servers where leniency has led to request smuggling: lines end in CR LF, no
/// folded fields, no control characters, one Host, one Content-Length and never together with
/// Transfer-Encoding (RFC 9112, 2.2, 3.2, 5, 6.3). An empty line before the request is skipped.
///
/// Linear in `bytes` and without memory of earlier calls: call again from the beginning when more
/// has come. REQUIRES: the caller does not let `bytes` grow much beyond `limits.bytes`.
std::variant<Incomplete, Malformed, Parsed> ParseRequest(std::string_view bytes,
                                                         const HeadLimits& limits = {});

}  // namespace acronis::exporter::http
