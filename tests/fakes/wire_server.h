#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <Poco/Net/Context.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

namespace acronis::fakes {

/// One accepted connection, in the hands of a test's script.
class Wire {
 public:
  explicit Wire(Poco::Net::StreamSocket socket) : socket_(std::move(socket)) {}

  /// Head and body of the next request; empty when the client has gone.
  std::string ReadRequest();
  /// False when the client has gone.
  bool Send(std::string_view bytes);
  /// Turns to TLS; false when the handshake fails.
  bool StartTls(const Poco::Net::Context::Ptr& context);
  /// Waits until the client is gone, at most so long. What it sends is dropped.
  bool WaitUntilGone(std::chrono::milliseconds limit = std::chrono::minutes(1));
  /// Ends the connection without TLS's farewell.
  void Cut();
  /// Passes bytes in both directions between this and another server until one side ends.
  void RelayTo(std::uint16_t port);

 private:
  Poco::Net::StreamSocket socket_;
};

/// A server that behaves as badly as a test wants: every connection is handed to
/// a script on a thread of its own. Listens on 127.0.0.1; the destructor cuts what is open.
class WireServer {
 public:
  /// `number` counts connections from 1.
  using Script = std::function<void(Wire& wire, int number)>;

  explicit WireServer(Script script, Poco::Net::Context::Ptr tls = nullptr);
  ~WireServer();
  WireServer(const WireServer&) = delete;
  WireServer& operator=(const WireServer&) = delete;

  std::uint16_t Port() const { return port_; }
  std::string Url(const std::string& host = "127.0.0.1") const;
  int Connections() const;
  /// Scripts note what happened; tests wait for it. False after a long time.
  void Note(const std::string& event);
  bool WaitFor(const std::string& event);
  std::vector<std::string> Notes() const;

 private:
  void Accept();
  void Serve(const Poco::Net::StreamSocket& socket, int number);

  Script script_;
  Poco::Net::Context::Ptr tls_;
  Poco::Net::ServerSocket listener_;
  std::uint16_t port_;
  mutable std::mutex mutex_;
  std::condition_variable noted_;
  std::vector<std::string> notes_;  // Guarded by mutex_, as is all below.
  std::set<int> open_;
  int connections_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// A whole answer with a length.
std::string Answer(const std::string& body, const std::string& headers = "",
                   const std::string& status = "200 OK");

}  // namespace acronis::fakes
