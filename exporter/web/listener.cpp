#include "exporter/web/listener.h"

#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <sys/socket.h>
#include <system_error>

#include <Poco/Exception.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocketImpl.h>
#include <Poco/Net/SocketAddress.h>

#include "exporter/web/scrape_server.h"

namespace acronis::exporter {
namespace {

using Poco::Net::AddressFamily;
using Poco::Net::ServerSocket;
using Poco::Net::SocketAddress;

/// As many as the system lets wait: beyond it, a client's next try is a second away.
constexpr int kBacklog = SOMAXCONN;

struct HostPort {
  std::string host;  ///< Without brackets; empty: every interface.
  std::uint16_t port = 0;
};

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return port;
}

std::optional<HostPort> ParseHostPort(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  const std::optional<std::uint16_t> port = ParsePort(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) {
    host = host.substr(1, host.size() - 2);
  }
  const bool looks_like_v6 = host.find_first_of(":[]") != std::string_view::npos;
  if (!port || looks_like_v6 != bracketed) {
    return std::nullopt;
  }
  return HostPort{std::string(host), *port};
}

/// What a failed bind means, in the words of the system.
std::string Reason(const Poco::Exception& error) {
  if (dynamic_cast<const Poco::Net::DNSException*>(&error) != nullptr) {
    return "the host name is not known";
  }
  if (error.code() == 0) {
    return error.displayText();
  }
  std::string reason = std::generic_category().message(error.code());
  reason.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(reason.front())));
  return reason;
}

ServerSocket Bind(const SocketAddress& address) {
  // Not the convenience constructor: it sets SO_REUSEPORT, and a second process
  // would start happily and take half of the scrapes.
  ServerSocket socket;
  if (address.family() == AddressFamily::IPv6) {
    socket.bind6(address, true, false, false);
  } else {
    socket.bind(address, true, false);
  }
  socket.listen(kBacklog);
  return socket;
}

ServerSocket BindEveryInterface(std::uint16_t port) {
  try {
    return Bind(SocketAddress("::", port));
  } catch (const Poco::Exception& error) {
    if (error.code() == EADDRINUSE || error.code() == EACCES) {
      throw;
    }
    return Bind(SocketAddress("0.0.0.0", port));  // No IPv6 here.
  }
}

class AdoptedImpl final : public Poco::Net::ServerSocketImpl {
 public:
  explicit AdoptedImpl(int descriptor) { reset(descriptor); }
};

class AdoptedSocket final : public ServerSocket {
 public:
  explicit AdoptedSocket(int descriptor) : ServerSocket(new AdoptedImpl(descriptor), true) {}
};

}  // namespace

ServerSocket Listen(const std::string& address) {
  const std::string what = "cannot listen on " + address + ": ";
  const std::optional<HostPort> parsed = ParseHostPort(address);
  if (!parsed) {
    throw ListenError(what + "expected host:port, [ipv6]:port or :port");
  }
  try {
    return parsed->host.empty() ? BindEveryInterface(parsed->port)
                                : Bind(SocketAddress(parsed->host, parsed->port));
  } catch (const Poco::Exception& error) {
    throw ListenError(what + Reason(error));
  }
}

ServerSocket AdoptListener(int descriptor) {
  int listens = 0;
  socklen_t size = sizeof(listens);
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0) {
    throw ListenError("cannot listen on the inherited descriptor " + std::to_string(descriptor) +
                      ": it is no listening stream socket");
  }
  return AdoptedSocket(
      descriptor);  // NOLINT(cppcoreguidelines-slicing): it has no state of its own.
}

}  // namespace acronis::exporter
