#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include <Poco/Net/Context.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include "plugin/simulator/http_message.h"

namespace acronis::simulator {

/// How a new connection is met.
struct Welcome {
  bool reset = false;             ///< Before anything is read.
  Poco::Net::Context::Ptr tls{};  ///< Null: plain HTTP.
};

/// A small HTTP/1.1 server, one thread a connection, that can also misbehave:
/// replies go out as their delivery says.
///
/// The constructor returns when the port is bound and throws std::runtime_error
/// naming the address if it cannot be. The destructor aborts all connections
/// and joins their threads. `handler` is called from many threads.
class HttpListener {
 public:
  struct Options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    std::function<Welcome()> welcome{};  ///< Asked for each connection; empty: plain HTTP.
  };
  using Handler = std::function<Reply(const Request&)>;

  HttpListener(Options options, Handler handler);
  ~HttpListener();
  HttpListener(const HttpListener&) = delete;
  HttpListener& operator=(const HttpListener&) = delete;

  std::uint16_t Port() const { return port_; }
  std::uint64_t Connections() const { return connections_; }
  /// Closes every connection there is.
  void HangUp();

 private:
  struct Connection {
    std::jthread thread{};
    std::atomic<bool> done = false;
  };

  void AcceptLoop(const std::stop_token& stop);
  void AcceptOne();
  using Socket = std::unique_ptr<Poco::Net::StreamSocket>;

  /// The connection's thread becomes the only owner of the socket.
  void Start(Socket socket);
  void Serve(Poco::Net::StreamSocket& socket, const std::stop_token& stop);
  bool Register(int descriptor);
  void Deregister(int descriptor);

  Options options_;
  Handler handler_;
  std::unique_ptr<Poco::Net::ServerSocket> socket_;
  std::uint16_t port_ = 0;
  std::atomic<std::uint64_t> connections_ = 0;
  std::mutex mutex_;
  bool stopping_ = false;          // Guarded by mutex_.
  std::set<int> descriptors_;      // Open connections; guarded by mutex_.
  std::list<Connection> threads_;  // Only the accepting thread, later the destructor.
  std::jthread acceptor_;
};

}  // namespace acronis::simulator
