#pragma once

#include <memory>
#include <openssl/ssl.h>
#include <optional>
#include <string>

#include "exporter/web/tls/server_tls.h"
#include "tests/fakes/test_pki.h"

namespace acronis::test {

/// How the client of a handshake behaves. It trusts every server and has no scruples about
/// strength.
struct ClientSide {
  std::optional<fakes::PemPair> certificate{};
  int min_version = TLS1_2_VERSION;
  int max_version = TLS1_3_VERSION;
  std::string ciphers = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";  ///< Of TLS 1.2.
  std::string curves{};
  std::string protocols{};  ///< For ALPN, each with its length in front.
  SSL_SESSION* session = nullptr;
  std::string plain_text{};  ///< Sent instead of a handshake.
};

/// What came of it.
struct Handshake {
  bool accepted = false;    ///< By the server.
  std::string refusal{};    ///< Why not.
  bool plain_http = false;  ///< The same.
  bool exchanged = false;   ///< A byte went each way.
  std::string version{};
  std::string cipher{};
  std::string curve{};
  std::string protocol{};
  std::string certificate{};  ///< The server's, in PEM form.
  bool resumed = false;
  bool renegotiated = false;  ///< The client asked for it and was served.
  std::shared_ptr<SSL_SESSION> session{};
};

/// A whole handshake over a pair of non-blocking sockets, in this thread.
Handshake ShakeHands(const exporter::ServerTls& server, const ClientSide& side = {});

}  // namespace acronis::test
