#pragma once

#include <openssl/ssl.h>
#include <string>
#include <vector>

#include "exporter/config/tls_names.h"
#include "plugin/core/result.h"

namespace acronis::exporter {

/// What is asked of the certificates of clients.
struct ClientCheck {
  ClientAuth auth = ClientAuth::kNone;
  std::vector<std::string> allowed_sans{};  ///< Empty: any will do.
  std::string ca{};                         ///< PEM; empty: who is verified is refused.
};

/// Makes every handshake of `context` do `check`, which lives as long as the context.
///
/// A certificate that is verified must be signed by one of the CA's, be valid now and good for
/// client authentication. Each certificate of the CA text is trusted as it is, as Go does it: it
/// need not be one that signs itself. When names are allowed, one of the certificate's DNS names,
/// IP addresses, e-mail addresses or URIs must be among them, letter by letter; that ends the
/// handshake of TLS 1.2, and the connection of TLS 1.3.
Status ApplyClientCheck(ClientCheck check, SSL_CTX& context);

/// Every name of the certificate, as ApplyClientCheck() compares it.
std::vector<std::string> SubjectNames(const X509& certificate);

}  // namespace acronis::exporter
