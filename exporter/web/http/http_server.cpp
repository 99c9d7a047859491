#include "exporter/web/http/http_server.h"

#include <atomic>
#include <poll.h>
#include <thread>
#include <utility>

#include <Poco/Event.h>
#include <Poco/Exception.h>
#include <Poco/Runnable.h>
#include <Poco/ThreadPool.h>

namespace acronis::exporter::http {
namespace {

constexpr int kMinThreads = 2;
/// Beyond the connections: those that were sent away and have not noticed yet.
constexpr int kSpareThreads = 64;
constexpr int kIdleThreadSeconds = 60;
/// TLS and a page want some 50 KiB; a sanitizer several times that.
constexpr int kStackBytes = 512 << 10;
/// Without a descriptor or a thread to spare, the next try is not at once.
constexpr std::chrono::milliseconds kPause(50);

/// Deletes itself when it has run.
class ConnectionRun final : public Poco::Runnable {
 public:
  ConnectionRun(std::shared_ptr<ConnectionTable::Place> place, const HttpServer::Parts& parts)
      : place_(std::move(place)), parts_(parts) {}

  void run() override {
    const std::unique_ptr<ConnectionRun> self(this);
    ServeConnection(place_, *parts_.streams, parts_.handler, parts_.limits);
  }

 private:
  std::shared_ptr<ConnectionTable::Place> place_;
  const HttpServer::Parts& parts_;
};

}  // namespace

class HttpServer::Impl {
 public:
  Impl(std::vector<Poco::Net::ServerSocket> sockets, Parts parts)
      : parts_(std::move(parts)),
        sockets_(std::move(sockets)),
        table_(parts_.limits.connections),
        pool_("http", kMinThreads, static_cast<int>(parts_.limits.connections) + kSpareThreads,
              kIdleThreadSeconds, kStackBytes) {
    for (Poco::Net::ServerSocket& socket : sockets_) {
      socket.setBlocking(false);
      acceptors_.emplace_back([this, &socket] { AcceptAll(socket); });
    }
  }

  // NOLINTNEXTLINE(bugprone-exception-escape): a lock that fails is nothing to go on after.
  ~Impl() {
    stopping_ = true;
    for (const Poco::Net::ServerSocket& socket : sockets_) {
      ::shutdown(socket.impl()->sockfd(), SHUT_RDWR);  // Wakes its acceptor.
    }
    stop_.set();
    acceptors_.clear();
    table_.CloseAll();
    pool_.joinAll();
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  const std::vector<Poco::Net::ServerSocket>& Sockets() const { return sockets_; }

 private:
  void AcceptAll(Poco::Net::ServerSocket& socket) {
    while (!stopping_) {
      pollfd waited{.fd = socket.impl()->sockfd(), .events = POLLIN, .revents = 0};
      if (::poll(&waited, 1, -1) > 0 && !stopping_ && !AcceptOne(socket)) {
        stop_.tryWait(kPause.count());
      }
    }
  }

  /// False when the machine has no room for another connection just now.
  bool AcceptOne(Poco::Net::ServerSocket& socket) {
    try {
      Poco::Net::StreamSocket connection = socket.acceptConnection();
      connection.setBlocking(false);
      connection.setNoDelay(true);
      if (auto place = table_.Admit(connection)) {
        Begin(std::move(place));
      }
      return true;
    } catch (const Poco::Exception& problem) {
      const bool came_to_nothing = problem.code() == EAGAIN || problem.code() == EWOULDBLOCK ||
                                   problem.code() == ECONNABORTED || problem.code() == EINTR;
      return came_to_nothing;
    }
  }

  void Begin(std::shared_ptr<ConnectionTable::Place> place) {
    auto run = std::make_unique<ConnectionRun>(std::move(place), parts_);
    pool_.start(*run);
    static_cast<void>(run.release());  // NOLINT(bugprone-unused-return-value): it deletes itself.
  }

  Parts parts_;
  std::vector<Poco::Net::ServerSocket> sockets_;
  ConnectionTable table_;
  std::atomic<bool> stopping_ = false;
  Poco::Event stop_{Poco::Event::EVENT_MANUALRESET};
  Poco::ThreadPool pool_;
  std::vector<std::jthread> acceptors_;
};

HttpServer::HttpServer(std::vector<Poco::Net::ServerSocket> sockets, Parts parts)
    : impl_(std::make_unique<Impl>(std::move(sockets), std::move(parts))) {}

HttpServer::~HttpServer() = default;

const std::vector<Poco::Net::ServerSocket>& HttpServer::Sockets() const {
  return impl_->Sockets();
}

}  // namespace acronis::exporter::http
