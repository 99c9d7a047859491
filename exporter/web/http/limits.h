#pragma once

#include <chrono>
#include <cstddef>

#include "exporter/web/http/request_parser.h"

namespace acronis::exporter::http {

/// What clients may take of the server. Deadlines are for the whole of what they name, not for
/// each byte of it.
struct Limits {
  HeadLimits head{};
  std::size_t connections = 512;
  std::chrono::milliseconds handshake = std::chrono::seconds(10);  ///< Of TLS.
  std::chrono::milliseconds request = std::chrono::seconds(10);    ///< From its first byte on.
  /// Between requests. Prometheus keeps a connection for the next scrape.
  std::chrono::milliseconds idle = std::chrono::minutes(5);
  std::chrono::milliseconds reply = std::chrono::seconds(60);  ///< Until all of it is sent.
  /// A body is read and dropped, up to so many bytes.
  std::size_t body = std::size_t{64} << 10U;
};

}  // namespace acronis::exporter::http
