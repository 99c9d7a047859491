#include "tests/exporter/web/handshake.h"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

#include "plugin/core/free_with.h"

namespace acronis::test {
namespace {

using exporter::SslPtr;
using ContextPtr = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;
using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;

void Require(bool holds, const char* what) {
  if (!holds) {
    throw std::runtime_error(std::string("handshake: ") + what);
  }
}

class SocketPair {
 public:
  SocketPair() {
    Require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends_.data()) == 0,
            "sockets");
  }
  ~SocketPair() {
    close(ends_[0]);
    close(ends_[1]);
  }
  SocketPair(const SocketPair&) = delete;
  SocketPair& operator=(const SocketPair&) = delete;

  int operator[](std::size_t end) const { return ends_.at(end); }

 private:
  std::array<int, 2> ends_{};
};

void Present(const fakes::PemPair& pair, SSL_CTX* context) {
  const auto certificates = exporter::ReadCertificates(pair.certificate);
  const auto key = exporter::ReadPrivateKey(Secret(pair.key));
  Require(certificates && key, "client's certificate");
  Require(SSL_CTX_use_certificate(context, certificates->front().get()) == 1 &&
              SSL_CTX_use_PrivateKey(context, key->get()) == 1,
          "client's certificate is refused");
}

ContextPtr ClientContext(const ClientSide& side) {
  ContextPtr context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), side.min_version);
  SSL_CTX_set_max_proto_version(context.get(), side.max_version);
  Require(SSL_CTX_set_cipher_list(context.get(), side.ciphers.c_str()) == 1, "ciphers");
  Require(side.curves.empty() || SSL_CTX_set1_groups_list(context.get(), side.curves.c_str()) == 1,
          "curves");
  const auto* const protocols = reinterpret_cast<const unsigned char*>(side.protocols.data());
  SSL_CTX_set_alpn_protos(context.get(), protocols, static_cast<unsigned>(side.protocols.size()));
  if (side.certificate) {
    Present(*side.certificate, context.get());
  }
  return context;
}

/// One step of an operation that may have to wait for the other side.
enum class Step { kDone, kWaits, kFailed };

Step After(SSL* connection, int outcome) {
  if (outcome > 0) {
    return Step::kDone;
  }
  const int error = SSL_get_error(connection, outcome);
  ERR_clear_error();
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? Step::kWaits
                                                                       : Step::kFailed;
}

/// Both sides in turn until each has done its part or one has failed.
template <typename Server, typename Client>
bool Together(SSL* server, SSL* client, Server server_part, Client client_part) {
  Step ours = Step::kWaits;
  Step theirs = Step::kWaits;
  constexpr int kMostTurns = 100;
  for (int turn = 0; turn < kMostTurns; ++turn) {
    theirs = theirs == Step::kWaits ? After(client, client_part()) : theirs;
    ours = ours == Step::kWaits ? After(server, server_part()) : ours;
    if (ours != Step::kWaits && theirs != Step::kWaits) {
      break;
    }
  }
  return ours == Step::kDone && theirs == Step::kDone;
}

bool Exchange(SSL* server, SSL* client) {
  char to_server = 0;
  char to_client = 0;
  return Together(
             server, client, [&] { return SSL_read(server, &to_server, 1); },
             [&] { return SSL_write(client, "a", 1); }) &&
         Together(
             server, client, [&] { return SSL_write(server, "b", 1); },
             [&] { return SSL_read(client, &to_client, 1); }) &&
         to_server == 'a' && to_client == 'b';
}

bool Renegotiate(SSL* server, SSL* client) {
  return SSL_renegotiate(client) == 1 &&
         Together(
             server, client,
             [&] {
               char ignored = 0;
               SSL_read(server, &ignored, 1);
               return SSL_num_renegotiations(client) > 0 && SSL_in_init(client) == 0 ? 1 : -1;
             },
             [&] { return SSL_do_handshake(client); });
}

std::string ServerCertificate(SSL* client) {
  const exporter::CertificatePtr certificate(SSL_get1_peer_certificate(client));
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

void Describe(SSL* client, Handshake& result) {
  result.version = SSL_get_version(client);
  result.cipher = SSL_get_cipher_name(client);
  const char* const curve =
      SSL_group_to_name(client, static_cast<int>(SSL_get_negotiated_group(client)));
  result.curve = curve == nullptr ? "" : curve;
  const unsigned char* protocol = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(client, &protocol, &length);
  result.protocol.assign(reinterpret_cast<const char*>(protocol), length);
  result.certificate = ServerCertificate(client);
  result.resumed = SSL_session_reused(client) == 1;
  result.session = {SSL_get1_session(client), SSL_SESSION_free};
}

/// SSL_accept(), noting why it failed.
int Accept(SSL* server, Handshake& result) {
  const int outcome = SSL_accept(server);
  const int error = outcome == 1 ? SSL_ERROR_NONE : SSL_get_error(server, outcome);
  if (error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL) {
    const exporter::HandshakeFailure failure = exporter::WhyRefused(*server);
    result.refusal = failure.reason;
    result.plain_http = failure.plain_http;
  }
  return outcome;
}

int Connect(SSL* client, const std::string& plain_text) {
  if (plain_text.empty()) {
    return SSL_connect(client);
  }
  return static_cast<int>(write(SSL_get_fd(client), plain_text.data(), plain_text.size()));
}

}  // namespace

Handshake ShakeHands(const exporter::ServerTls& server, const ClientSide& side) {
  std::signal(SIGPIPE, SIG_IGN);
  const SocketPair sockets;
  const SslPtr ours = server.NewConnection(sockets[0]);
  const ContextPtr context = ClientContext(side);
  const SslPtr theirs(SSL_new(context.get()));
  Require(ours != nullptr && theirs != nullptr, "memory");
  SSL_set_fd(theirs.get(), sockets[1]);
  if (side.session != nullptr) {
    SSL_set_session(theirs.get(), side.session);
  }
  Handshake result;
  const bool both = Together(
      ours.get(), theirs.get(), [&] { return Accept(ours.get(), result); },
      [&] { return Connect(theirs.get(), side.plain_text); });
  result.accepted = SSL_is_init_finished(ours.get()) == 1;
  if (both) {
    result.exchanged = Exchange(ours.get(), theirs.get());
    Describe(theirs.get(), result);
    result.renegotiated =
        SSL_version(theirs.get()) == TLS1_2_VERSION && Renegotiate(ours.get(), theirs.get());
  }
  // As if both had said goodbye: a session that was torn off could not be resumed.
  SSL_set_shutdown(ours.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_set_shutdown(theirs.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  ERR_clear_error();
  return result;
}

}  // namespace acronis::test
