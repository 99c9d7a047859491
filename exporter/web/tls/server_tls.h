#pragma once

#include <memory>
#include <openssl/ssl.h>
#include <string>

#include "exporter/config/pem.h"
#include "exporter/config/web_config.h"
#include "plugin/core/free_with.h"
#include "plugin/core/result.h"

namespace acronis::exporter {

using SslPtr = std::unique_ptr<SSL, FreeWith<SSL_free>>;

/// Why a handshake came to nothing.
struct HandshakeFailure {
  std::string
      reason{};  ///< For the log: what the client did, or what is wrong with its certificate.
  bool plain_http = false;  ///< It spoke HTTP without TLS: answer 400 in plain text.
};

/// To be asked right after SSL_accept() has failed, and is not merely waiting, in the same thread.
/// Empties OpenSSL's queue of errors.
HandshakeFailure WhyRefused(const SSL& connection);

/// The server's side of TLS 1.2 and 1.3, as a web configuration wants it. Immutable; thread-safe.
///
/// Without `cipher_suites`, TLS 1.2 has only those with forward secrecy and authenticated
/// encryption. No compression, no renegotiation, no early data, OpenSSL's security level 2 at
/// least. No session is ever resumed: each connection has a full handshake, with the check of the
/// client's certificate. ALPN chooses http/1.1 where the client offers it.
class ServerTls {
 public:
  /// The error says what OpenSSL refused, without file and line: what LoadWebConfig() accepted is
  /// not refused as a rule.
  static Result<std::shared_ptr<const ServerTls>> Make(const TlsOptions& options);

  /// The server's side of a connection over `socket`, which is lent and may be non-blocking: start
  /// with SSL_accept(), until which nothing is written or read. Null when there is no memory.
  ///
  /// Outlives this object without harm. SSL_write() may write a part and may be repeated with a
  /// moved buffer; buffers are given back while idle. SIGPIPE must be ignored.
  SslPtr NewConnection(int socket) const;

 private:
  using ContextPtr = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;

  explicit ServerTls(ContextPtr context) : context_(std::move(context)) {}

  ContextPtr context_;
};

}  // namespace acronis::exporter
