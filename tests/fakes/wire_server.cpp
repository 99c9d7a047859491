#include "tests/fakes/wire_server.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <exception>
#include <memory>
#include <sys/socket.h>
#include <utility>

#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/String.h>

namespace acronis::fakes {
namespace {

std::size_t LengthIn(const std::string& head) {
  const auto at = Poco::toLower(head).find("content-length:");
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + 15));
}

}  // namespace

std::string Wire::ReadRequest() {
  std::string text;
  std::array<char, 4096> buffer{};
  try {
    for (;;) {
      const auto end = text.find("\r\n\r\n");
      if (end != std::string::npos && text.size() >= end + 4 + LengthIn(text.substr(0, end))) {
        return text;
      }
      const int count = socket_.receiveBytes(buffer.data(), static_cast<int>(buffer.size()));
      if (count <= 0) {
        return {};
      }
      text.append(buffer.data(), static_cast<std::size_t>(count));
    }
  } catch (const std::exception&) {
    return {};
  }
}

bool Wire::Send(std::string_view bytes) {
  try {
    while (!bytes.empty()) {
      const int count = socket_.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
      if (count <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

bool Wire::StartTls(const Poco::Net::Context::Ptr& context) {
  try {
    Poco::Net::SecureStreamSocket secure = Poco::Net::SecureStreamSocket::attach(socket_, context);
    if (secure.completeHandshake() != 1) {
      return false;
    }
    socket_ = secure;
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

bool Wire::WaitUntilGone(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  std::array<char, 4096> buffer{};
  try {
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::microseconds>(
          deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0 ||
          !socket_.poll(Poco::Timespan(left.count()), Poco::Net::Socket::SELECT_READ)) {
        return false;
      }
      if (socket_.receiveBytes(buffer.data(), static_cast<int>(buffer.size())) <= 0) {
        return true;
      }
    }
  } catch (const std::exception&) {
    return true;
  }
}

void Wire::Cut() {
  ::shutdown(socket_.impl()->sockfd(), SHUT_RDWR);
}

void Wire::RelayTo(std::uint16_t port) {
  try {
    Poco::Net::StreamSocket other(Poco::Net::SocketAddress("127.0.0.1", port));
    std::array<char, 16384> buffer{};
    for (;;) {
      Poco::Net::Socket::SocketList ready = {socket_, other};
      Poco::Net::Socket::SocketList none1;
      Poco::Net::Socket::SocketList none2;
      if (Poco::Net::Socket::select(ready, none1, none2, Poco::Timespan(60, 0)) == 0) {
        return;
      }
      for (const auto& from : ready) {
        const bool inward = from == socket_;
        Poco::Net::StreamSocket& source = inward ? socket_ : other;
        const int count = source.receiveBytes(buffer.data(), static_cast<int>(buffer.size()));
        if (count <= 0) {
          return;
        }
        (inward ? other : socket_).sendBytes(buffer.data(), count);
      }
    }
  } catch (const std::exception&) {
    return;
  }
}

WireServer::WireServer(Script script, Poco::Net::Context::Ptr tls)
    : script_(std::move(script)),
      tls_(std::move(tls)),
      listener_(Poco::Net::SocketAddress("127.0.0.1", 0)),
      port_(listener_.address().port()),
      acceptor_([this] { Accept(); }) {}

WireServer::~WireServer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const int fd : open_) {
      ::shutdown(fd, SHUT_RDWR);
    }
    ::shutdown(listener_.impl()->sockfd(), SHUT_RDWR);
  }
  acceptor_.join();
  for (auto& thread : threads_) {
    thread.join();
  }
}

std::string WireServer::Url(const std::string& host) const {
  return (tls_.isNull() ? "http://" : "https://") + host + ":" + std::to_string(port_);
}

int WireServer::Connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

void WireServer::Note(const std::string& event) {
  const std::lock_guard lock(mutex_);
  notes_.push_back(event);
  noted_.notify_all();
}

bool WireServer::WaitFor(const std::string& event) {
  std::unique_lock lock(mutex_);
  return noted_.wait_for(lock, std::chrono::seconds(30), [&] {
    return std::find(notes_.begin(), notes_.end(), event) != notes_.end();
  });
}

std::vector<std::string> WireServer::Notes() const {
  const std::lock_guard lock(mutex_);
  return notes_;
}

void WireServer::Accept() {
  for (;;) {
    try {
      // One owner: the thread sanitizer cannot see that Poco's count of owners orders them.
      auto socket = std::make_unique<Poco::Net::StreamSocket>(listener_.acceptConnection());
      const std::lock_guard lock(mutex_);
      if (stopping_) {
        return;
      }
      open_.insert(socket->impl()->sockfd());
      const int number = ++connections_;
      threads_.emplace_back([this, own = std::move(socket), number] { Serve(*own, number); });
    } catch (const std::exception&) {
      return;
    }
  }
}

void WireServer::Serve(const Poco::Net::StreamSocket& socket, int number) {
  // TLS writes to a connection that the client has cut would end the test.
  sigset_t pipe{};
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  const int fd = socket.impl()->sockfd();
  {
    Wire wire(socket);
    if (tls_.isNull() || wire.StartTls(tls_)) {
      script_(wire, number);
    } else {
      Note("handshake failed");
    }
    // Before the number of the socket can be given to another one.
    const std::lock_guard lock(mutex_);
    open_.erase(fd);
  }
}

std::string Answer(const std::string& body, const std::string& headers, const std::string& status) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         headers + "\r\n" + body;
}

}  // namespace acronis::fakes
