#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>

#include <Poco/Net/StreamSocket.h>

#include "plugin/simulator/http_message.h"

namespace acronis::simulator {

/// Puts replies on a connection, whole or in the way their delivery asks for.
///
/// Lets what the socket throws pass. Every wait ends when `stop` is requested
/// or the peer hangs up.
class WireWriter {
 public:
  WireWriter(Poco::Net::StreamSocket& socket, std::stop_token stop)
      : socket_(socket), stop_(std::move(stop)) {}

  /// True when the connection may be used for another request.
  bool Send(const Reply& reply);

 private:
  void SendAll(std::string_view bytes);
  void SendSlowly(std::string_view bytes, std::chrono::milliseconds pause);
  void SendBroken(const Reply& reply);
  void SendChunked(const Reply& reply);
  void SendSizes(const Reply& reply);
  void SendHugeBody(const Reply& reply);
  void SendBodyWithoutEnd(const Reply& reply);
  void SendHeadersWithoutEnd(const Reply& reply);
  /// Until the peer hangs up or sends something.
  void Stall();
  /// False when there is nobody left to wait for.
  bool Wait(std::chrono::milliseconds time);

  Poco::Net::StreamSocket& socket_;
  std::stop_token stop_;
};

/// Closes the connection with a reset, without a goodbye of TLS.
void ResetConnection(Poco::Net::StreamSocket& socket);

}  // namespace acronis::simulator
