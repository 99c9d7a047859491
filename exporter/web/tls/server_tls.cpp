#include "exporter/web/tls/server_tls.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <openssl/err.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/web/tls/client_check.h"

namespace acronis::exporter {
namespace {

/// Forward secrecy and authenticated encryption; the cheaper one first where both are strong.
constexpr std::string_view kSecureCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr std::string_view kAllCurves = "X25519:P-256:P-384:P-521";
constexpr int kLeastSecurityLevel = 2;

/// With OpenSSL's reason for the last failure of this thread.
Error Refused(const std::string& what) {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return {ErrorKind::kTls,
          "OpenSSL refuses " + what + (reason == nullptr ? "" : std::string(": ") + reason)};
}

int ProtocolOf(TlsVersion version) {
  switch (version) {
    case TlsVersion::kTls10:
    case TlsVersion::kTls11:  // Not to be had at security level 2.
    case TlsVersion::kTls12:
      return TLS1_2_VERSION;
    case TlsVersion::kTls13:
      return TLS1_3_VERSION;
  }
  return TLS1_3_VERSION;
}

/// The texts with colons between them, as OpenSSL wants it; `otherwise` when there is none.
std::string Joined(const std::vector<std::string_view>& texts, std::string_view otherwise) {
  std::string list;
  for (const std::string_view text : texts) {
    list += (list.empty() ? "" : ":") + std::string(text);
  }
  return list.empty() ? std::string(otherwise) : list;
}

/// Protocol versions and the ciphers of TLS 1.2. Those of TLS 1.3 cannot be chosen, as in Go: they
/// are all good.
Status SetVersions(const TlsOptions& options, SSL_CTX& context) {
  std::vector<std::string_view> ciphers = options.cipher_suites;
  std::erase_if(ciphers, IsOfTls13);
  const bool only_tls13 = ciphers.empty() && !options.cipher_suites.empty();
  const int min = only_tls13 ? TLS1_3_VERSION : ProtocolOf(options.min_version);
  if (SSL_CTX_set_min_proto_version(&context, min) != 1 ||
      SSL_CTX_set_max_proto_version(&context, ProtocolOf(options.max_version)) != 1) {
    return Refused("the TLS versions");
  }
  if (SSL_CTX_set_cipher_list(&context, Joined(ciphers, kSecureCiphers).c_str()) != 1) {
    return Refused("the cipher suites");
  }
  std::string curves = Joined(options.curves, kAllCurves);
  if (SSL_CTX_ctrl(&context, SSL_CTRL_SET_GROUPS_LIST, 0, curves.data()) != 1) {
    return Refused("the curves");
  }
  return Ok{};
}

/// The first certificate is the server's, the others lead to its root.
Status SetCertificate(const TlsOptions& options, SSL_CTX& context) {
  Result<std::vector<CertificatePtr>> certificates = ReadCertificates(options.certificates);
  if (!certificates) {
    return certificates.error();
  }
  const Result<KeyPtr> key = ReadPrivateKey(options.key);
  if (!key) {
    return key.error();
  }
  bool accepted = SSL_CTX_use_certificate(&context, certificates->front().get()) == 1;
  for (std::size_t index = 1; accepted && index < certificates->size(); ++index) {
    accepted = SSL_CTX_ctrl(&context, SSL_CTRL_CHAIN_CERT, 1, (*certificates)[index].get()) == 1;
  }
  if (!accepted) {
    return Refused("the certificate");
  }
  if (SSL_CTX_use_PrivateKey(&context, key->get()) != 1) {
    return Refused("the private key");
  }
  return Ok{};
}

/// Takes http/1.1 if it is offered. A client that offers other things only is answered without.
// NOLINTNEXTLINE(readability-function-size): the parameters are OpenSSL's.
int ChooseProtocol(SSL* /*connection*/, const unsigned char** chosen, unsigned char* length,
                   const unsigned char* offered, unsigned offered_length, void* /*argument*/) {
  constexpr std::string_view kOurs = "http/1.1";
  // Each name has its length in front; OpenSSL has checked that they fit.
  for (unsigned at = 0; at < offered_length; at += 1U + offered[at]) {
    const std::string_view name(reinterpret_cast<const char*>(offered + at + 1), offered[at]);
    if (name == kOurs) {
      *chosen = offered + at + 1;
      *length = offered[at];
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_NOACK;
}

void SetManners(const TlsOptions& options, SSL_CTX& context) {
  std::uint64_t flags = SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET;
  if (options.prefer_server_cipher_suites) {
    flags |= SSL_OP_CIPHER_SERVER_PREFERENCE;
  }
  SSL_CTX_set_options(&context, flags);
  SSL_CTX_set_security_level(&context,
                             std::max(kLeastSecurityLevel, SSL_CTX_get_security_level(&context)));
  SSL_CTX_ctrl(&context, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF, nullptr);
  SSL_CTX_set_num_tickets(&context, 0);
  SSL_CTX_ctrl(&context, SSL_CTRL_MODE,
               SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                   SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER,
               nullptr);
  SSL_CTX_set_alpn_select_cb(&context, ChooseProtocol, nullptr);
}

}  // namespace

HandshakeFailure WhyRefused(const SSL& connection) {
  const unsigned long error = ERR_peek_error();
  const bool ours = ERR_GET_LIB(error) == ERR_LIB_SSL;
  const char* const text = ERR_reason_error_string(error);
  const long verdict = SSL_get_verify_result(&connection);
  HandshakeFailure failure{.reason = text == nullptr ? "the client went away" : text,
                           .plain_http = ours && ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST};
  if (verdict == X509_V_ERR_APPLICATION_VERIFICATION) {
    failure.reason = "no name of the client's certificate is allowed";
  } else if (verdict != X509_V_OK) {
    failure.reason = std::string("client's certificate: ") + X509_verify_cert_error_string(verdict);
  }
  ERR_clear_error();
  return failure;
}

Result<std::shared_ptr<const ServerTls>> ServerTls::Make(const TlsOptions& options) {
  ERR_clear_error();
  ContextPtr context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) {
    return Refused("to begin");
  }
  SetManners(options, *context);
  Status done = SetVersions(options, *context);
  if (done) {
    done = SetCertificate(options, *context);
  }
  if (done) {
    done = ApplyClientCheck({.auth = options.client_auth,
                             .allowed_sans = options.client_allowed_sans,
                             .ca = options.client_ca},
                            *context);
  }
  if (!done) {
    return done.error();
  }
  return std::shared_ptr<const ServerTls>(new ServerTls(std::move(context)));
}

SslPtr ServerTls::NewConnection(int socket) const {
  SslPtr connection(SSL_new(context_.get()));
  if (connection == nullptr || SSL_set_fd(connection.get(), socket) != 1) {
    return nullptr;
  }
  SSL_set_accept_state(connection.get());
  return connection;
}

}  // namespace acronis::exporter
