#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "plugin/api/server_address.h"
#include "plugin/api/tls_context.h"
#include "plugin/api/transport.h"
#include "plugin/core/options.h"
#include "plugin/core/result.h"

namespace acronis::api {

struct TransportOptions {
  std::string base_url{};  ///< `https://host[:port][/path]`, or `http` as far as allowed.
  PlainHttp plain_http = PlainHttp::kLoopbackOnly;
  std::filesystem::path ca_file{};       ///< Trust anchors (PEM) besides the system's.
  ClientIdentity identity{};             ///< Shown to an https server that asks for it.
  std::string proxy_url{};               ///< `http://[user:password@]host[:port]`, used for https.
  ProxyEnvironment proxy_environment{};  ///< Used when `proxy_url` is empty.
  std::string user_agent{};
  bool keep_alive = true;  ///< Keep the connection for the next request.
  std::chrono::nanoseconds connect_timeout = std::chrono::seconds(10);   ///< Name look-up to TCP.
  std::chrono::nanoseconds request_timeout = std::chrono::seconds(300);  ///< The whole call.
  /// Of what is sent, and of what that unpacks to.
  std::size_t max_body_bytes = std::size_t{64} << 20U;
  std::size_t max_header_bytes = std::size_t{64} << 10U;
  /// Called before a request is repeated on a fresh connection.
  std::function<void()> on_retry{};
};

/// An HttpTransport over Poco Net: one connection, kept alive between requests.
///
/// TLS 1.2 or newer, the certificate and its host name always verified against
/// the system's anchors and `ca_file`. Asks for bodies in gzip and takes plain ones too.
/// `request_timeout` bounds the whole call however the server drips; only the name look-up
/// cannot be interrupted. When a kept-alive connection turns out dead before a byte of the
/// response arrived, the request is sent once more on a fresh one. A stop request ends Send() at
/// once in every phase but the look-up.
///
/// Errors are kInvalidArgument and name the option; kNetwork when the system has no descriptor to
/// spare.
Result<std::unique_ptr<HttpTransport>> MakePocoTransport(TransportOptions options);

}  // namespace acronis::api
