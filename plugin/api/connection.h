#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <Poco/Net/Context.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocket.h>

#include "plugin/api/patience.h"
#include "plugin/api/server_address.h"
#include "plugin/core/result.h"

namespace acronis::api {

/// A TCP connection that may become a TLS one. Every wait is bounded by the
/// caller's Patience, down to the single record, however slowly the peer sends.
///
/// Errors say what was done with which `host:port`. One thread at a time.
class Connection {
 public:
  /// Looks `server` up and tries its addresses in turn. kNetwork, kTimeout, kCancelled.
  static Result<Connection> Open(const ServerAddress& server, const Patience& patience);

  /// Turns to TLS and verifies that the peer is `host`. kTls when it is not to be trusted.
  Status StartTls(const std::string& host, const Poco::Net::Context::Ptr& context,
                  const Patience& patience);

  /// At least one byte, or 0 when the peer has ended its sending in good order.
  Result<std::size_t> Read(char* buffer, std::size_t size, const Patience& patience);
  Status Write(std::string_view bytes, const Patience& patience);

  /// True when the peer has neither closed nor sent anything since the last answer.
  bool IsQuiet();

  const std::string& Peer() const { return peer_; }

 private:
  Connection(const Poco::Net::StreamSocket& socket, std::string peer);

  static Result<Poco::Net::StreamSocket> Connect(const Poco::Net::IPAddress& address,
                                                 const ServerAddress& server,
                                                 const Patience& patience);
  Status Handshake(Poco::Net::SecureStreamSocket& socket, const Patience& patience);
  /// Repeats a non-blocking call until it has moved bytes or met the end.
  Result<std::size_t> Transfer(const std::function<int()>& call, short plain_events,
                               const std::string& what, const Patience& patience) const;
  /// Waits for what a non-blocking call wanted.
  Status WaitAfter(int code, short plain_events, const std::string& what,
                   const Patience& patience) const;

  Poco::Net::StreamSocket socket_;
  std::string peer_;
};

}  // namespace acronis::api
