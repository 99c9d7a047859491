#include "exporter/web/http/http_server.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

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
/// What waits in the kernel for its turn to be sent. More makes no answer faster: it would leave
/// the processor's cache before it is sent, and slow readers would hold megabytes each.
constexpr int kUnsentBytes = 128 << 10;
/// Without a descriptor or a thread to spare, the next try is not at once.
constexpr std::chrono::milliseconds kPause(50);

/// Something to poll() for, that happens once. Not a shutdown of the listening socket: one that
/// was passed on is another process's too, and would be dead for the next start.
class Signal {
 public:
  Signal() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (descriptor_ < 0) {
      throw std::system_error(errno, std::generic_category(), "eventfd");
    }
  }
  ~Signal() { ::close(descriptor_); }
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  void Set() const { ::eventfd_write(descriptor_, 1); }
  pollfd Waited() const { return {.fd = descriptor_, .events = POLLIN, .revents = 0}; }
  /// True when it has happened within `patience`.
  bool WaitFor(std::chrono::milliseconds patience) const {
    pollfd waited = Waited();
    return ::poll(&waited, 1, static_cast<int>(patience.count())) > 0;
  }

 private:
  int descriptor_;
};

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
    stop_.Set();
    acceptors_.clear();
    table_.CloseAll();
    pool_.joinAll();
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  const std::vector<Poco::Net::ServerSocket>& Sockets() const { return sockets_; }

 private:
  void AcceptAll(Poco::Net::ServerSocket& socket) {
    bool stopped = false;
    while (!stopped) {
      std::array<pollfd, 2> waited{
          pollfd{.fd = socket.impl()->sockfd(), .events = POLLIN, .revents = 0}, stop_.Waited()};
      const int ready = ::poll(waited.data(), waited.size(), -1);
      stopped = waited[1].revents != 0;
      if (ready > 0 && !stopped && !AcceptOne(socket)) {
        stopped = stop_.WaitFor(kPause);
      }
    }
  }

  /// False when the machine has no room for another connection just now.
  bool AcceptOne(Poco::Net::ServerSocket& socket) {
    try {
      if (auto place = Admit(socket)) {
        Begin(std::move(place));
      }
      return true;
    } catch (const Poco::Exception& problem) {
      const bool came_to_nothing = problem.code() == EAGAIN || problem.code() == EWOULDBLOCK ||
                                   problem.code() == ECONNABORTED || problem.code() == EINTR;
      return came_to_nothing;
    }
  }

  /// The place is the only owner of its socket when this returns, so that no other thread than the
  /// connection's is the last to let go of it.
  std::shared_ptr<ConnectionTable::Place> Admit(Poco::Net::ServerSocket& socket) {
    Poco::Net::StreamSocket connection = socket.acceptConnection();
    connection.setBlocking(false);
    connection.setNoDelay(true);
    connection.setOption(IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentBytes);
    return table_.Admit(connection);
  }

  void Begin(std::shared_ptr<ConnectionTable::Place> place) {
    auto run = std::make_unique<ConnectionRun>(std::move(place), parts_);
    pool_.start(*run);
    static_cast<void>(run.release());  // NOLINT(bugprone-unused-return-value): it deletes itself.
  }

  Parts parts_;
  std::vector<Poco::Net::ServerSocket> sockets_;
  ConnectionTable table_;
  Signal stop_;
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
