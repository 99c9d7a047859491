#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <vector>

#include "exporter/web/http/byte_stream.h"

namespace acronis::exporter::http {
namespace {

constexpr std::chrono::seconds kFarewell(1);
constexpr std::size_t kFarewellBytes = std::size_t{1} << 20U;
constexpr std::size_t kReadAtOnce = 4096;

bool WouldBlock() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

/// What is left to be sent.
class Pending {
 public:
  explicit Pending(std::span<const std::string_view> pieces)
      : pieces_(pieces.begin(), pieces.end()) {
    SkipEmpty();
  }

  bool Empty() const { return at_ == pieces_.size(); }

  /// Hands as much to the kernel as it takes. -1 as sendmsg().
  ssize_t SendSome(int fd) const {
    std::array<iovec, kPiecesAtOnce> vectors{};
    const std::size_t count = std::min(pieces_.size() - at_, vectors.size());
    for (std::size_t i = 0; i < count; ++i) {
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): sendmsg() only reads.
      vectors[i] = {const_cast<char*>(pieces_[at_ + i].data()), pieces_[at_ + i].size()};
    }
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = count;
    return ::sendmsg(fd, &message, MSG_NOSIGNAL);
  }

  void Advance(std::size_t sent) {
    while (sent > 0) {
      const std::size_t step = std::min(sent, pieces_[at_].size());
      pieces_[at_].remove_prefix(step);
      sent -= step;
      SkipEmpty();
    }
  }

 private:
  static constexpr std::size_t kPiecesAtOnce = 64;

  void SkipEmpty() {
    while (at_ < pieces_.size() && pieces_[at_].empty()) {
      ++at_;
    }
  }

  std::vector<std::string_view> pieces_;
  std::size_t at_ = 0;
};

class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(const Poco::Net::StreamSocket& socket) : socket_(socket) {}

  std::optional<std::size_t> Read(std::span<char> into, Deadline deadline) override {
    for (;;) {
      const ssize_t got = ::recv(Fd(), into.data(), into.size(), 0);
      if (got >= 0) {
        return static_cast<std::size_t>(got);
      }
      if (errno != EINTR && (!WouldBlock() || !WaitFor(socket_, POLLIN, deadline))) {
        return std::nullopt;
      }
    }
  }

  bool Write(std::span<const std::string_view> pieces, Deadline deadline) override {
    Pending pending(pieces);
    while (!pending.Empty()) {
      const ssize_t sent = pending.SendSome(Fd());
      if (sent >= 0) {
        pending.Advance(static_cast<std::size_t>(sent));
      } else if (errno != EINTR && (!WouldBlock() || !WaitFor(socket_, POLLOUT, deadline))) {
        return false;
      }
    }
    return true;
  }

  void EndSending(Deadline /*deadline*/) override { ::shutdown(Fd(), SHUT_WR); }

 private:
  int Fd() const { return socket_.impl()->sockfd(); }

  Poco::Net::StreamSocket socket_;
};

}  // namespace

bool WaitFor(const Poco::Net::StreamSocket& socket, short events, Deadline deadline) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      return false;
    }
    pollfd waited{.fd = socket.impl()->sockfd(), .events = events, .revents = 0};
    const auto most = std::numeric_limits<int>::max();
    const int ready =
        ::poll(&waited, 1, static_cast<int>(std::min<std::int64_t>(left.count(), most)));
    if (ready > 0) {
      return true;
    }
    if (ready < 0 && errno != EINTR) {
      return false;
    }
  }
}

void Farewell(ByteStream& stream) {
  const Deadline deadline = std::chrono::steady_clock::now() + kFarewell;
  stream.EndSending(deadline);
  std::array<char, kReadAtOnce> buffer{};
  for (std::size_t dropped = 0; dropped < kFarewellBytes;) {
    const auto got = stream.Read(buffer, deadline);
    if (!got || *got == 0) {
      return;
    }
    dropped += *got;
  }
}

std::unique_ptr<ByteStream> PlainStreamMaker::Make(const Poco::Net::StreamSocket& socket,
                                                   Deadline /*deadline*/) const {
  return std::make_unique<PlainStream>(socket);
}

}  // namespace acronis::exporter::http
