#include "plugin/simulator/http_listener.h"

#include <csignal>
#include <optional>
#include <pthread.h>
#include <stdexcept>
#include <sys/socket.h>
#include <utility>

#include <Poco/Ascii.h>
#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/SocketStream.h>

#include "plugin/simulator/wire_writer.h"

namespace acronis::simulator {

namespace {

constexpr int kIdleSeconds = 65;
constexpr std::size_t kMaxBody = 1U << 20U;

/// OpenSSL writes to sockets without MSG_NOSIGNAL.
void BlockPipeSignal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

std::unique_ptr<Poco::Net::ServerSocket> Bind(const HttpListener::Options& options) {
  constexpr int kBacklog = 64;
  try {
    auto socket = std::make_unique<Poco::Net::ServerSocket>();
    // Not its convenience constructor: that one shares the port with whoever has it.
    socket->bind(Poco::Net::SocketAddress(options.address, options.port), true, false);
    socket->listen(kBacklog);
    return socket;
  } catch (const Poco::Exception& error) {
    throw std::runtime_error("cannot listen on " + options.address + ':' +
                             std::to_string(options.port) + ": " + error.displayText());
  }
}

/// The next request, the one behind `earlier` others; empty when the peer is done or talks
/// nonsense.
std::optional<Request> ReadRequest(std::istream& stream, std::uint64_t earlier) {
  // The greeting of a TLS client may look like the beginning of a request that never ends.
  if (!Poco::Ascii::isAlpha(stream.peek())) {
    return std::nullopt;
  }
  Poco::Net::HTTPRequest head;
  head.read(stream);
  if (!stream.good()) {
    return std::nullopt;
  }
  Request request{head.getMethod(), head.getURI(), {}, {}, earlier};
  for (const auto& [name, value] : head) {
    request.headers.emplace_back(name, value);
  }
  if (head.hasContentLength()) {
    const auto length = static_cast<std::size_t>(head.getContentLength64());
    if (length > kMaxBody) {
      return std::nullopt;
    }
    request.body.resize(length);
    stream.read(request.body.data(), static_cast<std::streamsize>(length));
  }
  return stream.good() ? std::optional(std::move(request)) : std::nullopt;
}

}  // namespace

HttpListener::HttpListener(Options options, Handler handler)
    : options_(std::move(options)),
      handler_(std::move(handler)),
      socket_(Bind(options_)),
      port_(socket_->address().port()),
      acceptor_([this](const std::stop_token& stop) { AcceptLoop(stop); }) {}

HttpListener::~HttpListener() {
  acceptor_.request_stop();
  ::shutdown(socket_->impl()->sockfd(), SHUT_RDWR);  // Wakes the acceptor.
  acceptor_.join();
  for (Connection& connection : threads_) {
    connection.thread.request_stop();
  }
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  HangUp();
}

void HttpListener::HangUp() {
  const std::lock_guard lock(mutex_);
  for (const int descriptor : descriptors_) {
    ::shutdown(descriptor, SHUT_RDWR);
  }
}

void HttpListener::AcceptLoop(const std::stop_token& stop) {
  BlockPipeSignal();
  while (!stop.stop_requested()) {
    AcceptOne();
    threads_.remove_if([](const Connection& connection) { return connection.done.load(); });
  }
}

void HttpListener::AcceptOne() {
  constexpr int kPollMicroseconds = 200'000;
  try {
    if (socket_->poll(Poco::Timespan(kPollMicroseconds), Poco::Net::Socket::SELECT_READ)) {
      // No copy of the socket is left here when the thread that has it ends.
      auto accepted = std::make_unique<Poco::Net::StreamSocket>(socket_->acceptConnection());
      Start(std::move(accepted));
    }
  } catch (const Poco::Exception&) {
    // The peer is gone already, or we are stopping.
  }
}

void HttpListener::Start(Socket socket) {
  ++connections_;
  const Welcome welcome = options_.welcome ? options_.welcome() : Welcome{};
  if (welcome.reset) {
    ResetConnection(*socket);
    return;
  }
  if (!welcome.tls.isNull()) {
    *socket = Poco::Net::SecureStreamSocket::attach(*socket, welcome.tls);
  }
  Connection& connection = threads_.emplace_back();
  connection.thread =
      std::jthread([this, socket = std::move(socket), &connection](const std::stop_token& stop) {
        Serve(*socket, stop);
        connection.done = true;
      });
}

bool HttpListener::Register(int descriptor) {
  const std::lock_guard lock(mutex_);
  return !stopping_ && descriptors_.insert(descriptor).second;
}

void HttpListener::Deregister(int descriptor) {
  const std::lock_guard lock(mutex_);
  descriptors_.erase(descriptor);
}

void HttpListener::Serve(Poco::Net::StreamSocket& socket, const std::stop_token& stop) {
  BlockPipeSignal();
  const int descriptor = socket.impl()->sockfd();
  if (!Register(descriptor)) {
    return;
  }
  try {
    socket.setNoDelay(true);
    socket.setReceiveTimeout(Poco::Timespan(kIdleSeconds, 0));
    Poco::Net::SocketStream stream(socket);
    WireWriter writer(socket, stop);
    bool open = true;
    for (std::uint64_t earlier = 0; open && !stop.stop_requested(); ++earlier) {
      const auto request = ReadRequest(stream, earlier);
      open = request && writer.Send(handler_(*request)) &&
             FindHeader(request->headers, "Connection") != "close";
    }
  } catch (const Poco::Exception&) {
    // The peer hung up, was silent for too long, or does not speak HTTP.
  }
  Deregister(descriptor);
}

}  // namespace acronis::simulator
