#include "exporter/web/tls/tls_stream.h"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <openssl/err.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <utility>

namespace acronis::exporter {
namespace {

using http::Deadline;
using Poco::Net::StreamSocket;

constexpr std::string_view kPlainHttpAnswer =
    "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
constexpr std::size_t kRecordBytes = std::size_t{16} << 10U;  // The most of a TLS record.

int FitInt(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

/// Repeats a non-blocking call of OpenSSL until it has an outcome: what it returned, or 0 when the
/// connection is at its end, broken, or out of time.
int Await(SSL& ssl, const StreamSocket& socket, Deadline deadline,
          const std::function<int()>& call) {
  for (;;) {
    ERR_clear_error();
    const int code = call();
    if (code > 0) {
      return code;
    }
    const int error = SSL_get_error(&ssl, code);
    const bool reads = error == SSL_ERROR_WANT_READ;
    if (!reads && error != SSL_ERROR_WANT_WRITE) {
      return 0;
    }
    if (!http::WaitFor(socket, reads ? POLLIN : POLLOUT, deadline)) {
      return 0;
    }
  }
}

class TlsStream final : public http::ByteStream {
 public:
  TlsStream(const StreamSocket& socket, SslPtr ssl) : socket_(socket), ssl_(std::move(ssl)) {}

  /// Empty when it is done.
  std::optional<HandshakeFailure> Accept(Deadline deadline) {
    if (Await(*ssl_, socket_, deadline, [this] { return SSL_accept(ssl_.get()); }) > 0) {
      return std::nullopt;
    }
    return WhyRefused(*ssl_);
  }

  /// An end without TLS's own word for it is an end all the same: nothing that was read depends on
  /// it.
  std::optional<std::size_t> Read(std::span<char> into, Deadline deadline) override {
    const int got = Await(*ssl_, socket_, deadline,
                          [&] { return SSL_read(ssl_.get(), into.data(), FitInt(into.size())); });
    return got > 0 ? std::optional(static_cast<std::size_t>(got)) : std::nullopt;
  }

  /// Small pieces share a record, large ones are sent as they lie.
  bool Write(std::span<const std::string_view> pieces, Deadline deadline) override {
    std::string record;
    for (const std::string_view piece : pieces) {
      if (record.size() + piece.size() <= kRecordBytes) {
        record += piece;
      } else if (!WriteOne(std::exchange(record, {}), deadline) || !WriteOne(piece, deadline)) {
        return false;
      }
    }
    return WriteOne(record, deadline);
  }

  void EndSending(Deadline deadline) override {
    Await(*ssl_, socket_, deadline, [this] {
      const int code = SSL_shutdown(ssl_.get());
      return code == 0 ? 1 : code;  // Ours is sent; the peer's is not waited for.
    });
    ::shutdown(socket_.impl()->sockfd(), SHUT_WR);
  }

 private:
  bool WriteOne(std::string_view piece, Deadline deadline) {
    while (!piece.empty()) {
      const int sent = Await(*ssl_, socket_, deadline, [&] {
        return SSL_write(ssl_.get(), piece.data(), FitInt(piece.size()));
      });
      if (sent == 0) {
        return false;
      }
      piece.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  StreamSocket socket_;
  SslPtr ssl_;
};

/// Lets the client learn why: from TLS's alert, which was sent, or in the words that it speaks.
void Refuse(const StreamSocket& socket, bool plain_http, Deadline deadline) {
  const auto plain = http::PlainStreamMaker().Make(socket, deadline);
  if (!plain_http || plain->Write(std::array{kPlainHttpAnswer}, deadline)) {
    http::Farewell(*plain);
  }
}

}  // namespace

std::unique_ptr<http::ByteStream> TlsStreamMaker::Make(const StreamSocket& socket,
                                                       Deadline deadline) const {
  const auto access = watch_.Current();
  SslPtr ssl = access ? (*access)->tls->NewConnection(socket.impl()->sockfd()) : nullptr;
  if (ssl == nullptr) {
    return nullptr;
  }
  auto stream = std::make_unique<TlsStream>(socket, std::move(ssl));
  const auto failure = stream->Accept(deadline);
  if (!failure) {
    return stream;
  }
  watch_.NoteRefused(socket.peerAddress().toString(), failure->reason);
  Refuse(socket, failure->plain_http, deadline);
  return nullptr;
}

}  // namespace acronis::exporter
