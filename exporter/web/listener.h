#pragma once

#include <string>

#include <Poco/Net/ServerSocket.h>

namespace acronis::exporter {

/// A socket that listens on `host:port`, `[v6]:port` or `:port`.
///
/// `:port` is every interface, IPv6 and IPv4 on one socket where the machine
/// has IPv6. Never shares a port with another process. Throws ListenError.
Poco::Net::ServerSocket Listen(const std::string& address);

/// The same of a socket that somebody else has made and bound; takes it over. Throws ListenError
/// when it is no listening stream socket.
Poco::Net::ServerSocket AdoptListener(int descriptor);

}  // namespace acronis::exporter
