#include "plugin/api/connection.h"

#include <algorithm>
#include <exception>
#include <limits>
#include <openssl/err.h>
#include <poll.h>
#include <system_error>
#include <utility>
#include <vector>

#include <Poco/Exception.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/HostEntry.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SocketAddress.h>

#include "plugin/api/tls_context.h"

namespace acronis::api {
namespace {

constexpr std::size_t kMaxTransfer = std::numeric_limits<int>::max();

using Poco::Net::SecureStreamSocket;
using Poco::Net::StreamSocket;

Error NetworkError(const std::string& what, const std::exception& cause) {
  const auto* const poco = dynamic_cast<const Poco::Exception*>(&cause);
  return {ErrorKind::kNetwork,
          what + ": " + (poco != nullptr ? poco->displayText() : cause.what())};
}

Result<std::vector<Poco::Net::IPAddress>> LookUp(const std::string& host) {
  Poco::Net::IPAddress address;
  if (Poco::Net::IPAddress::tryParse(host, address)) {
    return std::vector{address};
  }
  try {
    auto found = Poco::Net::DNS::hostByName(host).addresses();
    if (!found.empty()) {
      return found;
    }
  } catch (const std::exception& problem) {
    return NetworkError("look up " + host, problem);
  }
  return Error{ErrorKind::kNetwork, "look up " + host + ": it has no address"};
}

/// One try on a non-blocking socket; negative when it has to wait.
Result<int> CallOnce(const std::function<int()>& call, const std::string& what) {
  ERR_clear_error();
  try {
    return call();
  } catch (const std::exception& problem) {
    return NetworkError(what, problem);
  }
}

/// Why a handshake failed, as far as anyone knows.
Error TlsError(const std::string& what, const std::exception& cause) {
  if (!LastVerifyProblem().empty()) {
    return {ErrorKind::kTls, what + ": certificate refused: " + LastVerifyProblem()};
  }
  Error error = NetworkError(what, cause);
  if (dynamic_cast<const Poco::Net::SSLException*>(&cause) != nullptr) {
    error.kind = ErrorKind::kTls;
  }
  return error;
}

}  // namespace

Connection::Connection(const StreamSocket& socket, std::string peer)
    : socket_(socket), peer_(std::move(peer)) {}

Result<Connection> Connection::Open(const ServerAddress& server, const Patience& patience) {
  const auto addresses = LookUp(server.host);
  if (!addresses) {
    return addresses.error();
  }
  // A dead address must not eat the time of those behind it.
  auto left = addresses->size();
  std::optional<Error> failure;
  for (const auto& address : *addresses) {
    auto socket = Connect(address, server, patience.AtMost(patience.Left() / left--));
    if (socket) {
      return Connection(*socket, server.HostPort());
    }
    failure = std::move(socket).error();
    if (failure->kind == ErrorKind::kCancelled) {
      break;
    }
  }
  return *failure;
}

Result<StreamSocket> Connection::Connect(const Poco::Net::IPAddress& address,
                                         const ServerAddress& server, const Patience& patience) {
  const std::string what = "connect to " + server.HostPort();
  try {
    StreamSocket socket;
    socket.connectNB(Poco::Net::SocketAddress(address, server.port));
    if (auto ready = patience.Wait(socket.impl()->sockfd(), POLLOUT, what); !ready) {
      return std::move(ready).error();
    }
    if (const int problem = socket.impl()->socketError(); problem != 0) {
      return Error{ErrorKind::kNetwork, what + ": " + std::generic_category().message(problem)};
    }
    socket.setNoDelay(true);
    return socket;
  } catch (const std::exception& problem) {
    return NetworkError(what, problem);
  }
}

Status Connection::StartTls(const std::string& host, const Poco::Net::Context::Ptr& context,
                            const Patience& patience) {
  const std::string what = "TLS with " + host;
  ClearVerifyProblem();
  ERR_clear_error();
  try {
    SecureStreamSocket secure = SecureStreamSocket::attach(socket_, host, context);
    if (auto shaken = Handshake(secure, patience); !shaken) {
      return shaken;
    }
    secure.verifyPeerCertificate();
    socket_ = secure;
    return Ok{};
  } catch (const Poco::Net::CertificateValidationException&) {
    return Error{ErrorKind::kTls, what + ": the certificate is not for this host"};
  } catch (const std::exception& problem) {
    return TlsError(what, problem);
  }
}

Status Connection::Handshake(SecureStreamSocket& socket, const Patience& patience) {
  for (;;) {
    const int code = socket.completeHandshake();
    if (code > 0) {
      return Ok{};
    }
    if (code == 0) {
      return Error{ErrorKind::kTls, "TLS with " + peer_ + ": closed during the handshake"};
    }
    if (auto ready = WaitAfter(code, POLLIN, "TLS with " + peer_, patience); !ready) {
      return ready;
    }
  }
}

Result<std::size_t> Connection::Read(char* buffer, std::size_t size, const Patience& patience) {
  const int length = static_cast<int>(std::min<std::size_t>(size, kMaxTransfer));
  return Transfer([&] { return socket_.receiveBytes(buffer, length); }, POLLIN,
                  "read from " + peer_, patience);
}

Status Connection::Write(std::string_view bytes, const Patience& patience) {
  const std::string what = "write to " + peer_;
  while (!bytes.empty()) {
    const int length = static_cast<int>(std::min<std::size_t>(bytes.size(), kMaxTransfer));
    const auto sent =
        Transfer([&] { return socket_.sendBytes(bytes.data(), length); }, POLLOUT, what, patience);
    if (!sent) {
      return sent.error();
    }
    if (*sent == 0) {
      return Error{ErrorKind::kNetwork, what + ": it has closed the connection"};
    }
    bytes.remove_prefix(*sent);
  }
  return Ok{};
}

Result<std::size_t> Connection::Transfer(const std::function<int()>& call, short plain_events,
                                         const std::string& what, const Patience& patience) const {
  for (;;) {
    if (auto go_on = patience.Check(what); !go_on) {
      return std::move(go_on).error();
    }
    const auto code = CallOnce(call, what);
    if (!code) {
      return code.error();
    }
    if (*code >= 0) {
      return static_cast<std::size_t>(*code);
    }
    if (auto ready = WaitAfter(*code, plain_events, what, patience); !ready) {
      return std::move(ready).error();
    }
  }
}

bool Connection::IsQuiet() {
  try {
    ERR_clear_error();
    char byte = 0;
    return socket_.receiveBytes(&byte, 1) < 0;
  } catch (const std::exception&) {
    return false;
  }
}

Status Connection::WaitAfter(int code, short plain_events, const std::string& what,
                             const Patience& patience) const {
  short events = plain_events;
  if (socket_.secure()) {
    events = code == SecureStreamSocket::ERR_SSL_WANT_WRITE ? POLLOUT : POLLIN;
  }
  return patience.Wait(socket_.impl()->sockfd(), events, what);
}

}  // namespace acronis::api
