#include "plugin/api/patience.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace acronis::api {
namespace {

Error Stopped(const std::string& what) {
  return {ErrorKind::kCancelled, what + ": stopped"};
}

Error TooLate(const std::string& what) {
  return {ErrorKind::kTimeout, what + ": no answer in time"};
}

}  // namespace

Interrupt::Interrupt() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) {
    throw std::system_error(errno, std::generic_category(), "eventfd");
  }
}

Interrupt::~Interrupt() {
  ::close(fd_);
}

void Interrupt::Trigger() const noexcept {
  const std::uint64_t one = 1;
  // It can only fail when the counter is full, and then the event is there already.
  [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
}

void Interrupt::Reset() const noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto read = ::read(fd_, &count, sizeof count);
}

Patience Patience::AtMost(std::chrono::nanoseconds limit) const {
  const Time sooner =
      std::chrono::steady_clock::now() + std::chrono::duration_cast<Time::duration>(limit);
  return {*interrupt_, std::min(deadline_, sooner)};
}

std::chrono::nanoseconds Patience::Left() const {
  return std::max(deadline_ - std::chrono::steady_clock::now(), Time::duration::zero());
}

Status Patience::Check(const std::string& what) const {
  pollfd interrupted = {interrupt_->Fd(), POLLIN, 0};
  if (::poll(&interrupted, 1, 0) > 0) {
    return Stopped(what);
  }
  return Left() > std::chrono::nanoseconds::zero() ? Status(Ok{}) : TooLate(what);
}

Status Patience::Wait(int fd, short events, const std::string& what) const {
  std::array<pollfd, 2> fds = {{{fd, events, 0}, {interrupt_->Fd(), POLLIN, 0}}};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(Left());
    constexpr std::chrono::milliseconds kLongestPoll = std::chrono::hours(1);
    const int ready =
        ::poll(fds.data(), fds.size(), static_cast<int>(std::min(left, kLongestPoll).count()));
    if (ready < 0 && errno != EINTR) {
      return Error{ErrorKind::kNetwork, what + ": " + std::generic_category().message(errno)};
    }
    if (ready > 0 && fds[1].revents != 0) {
      return Stopped(what);
    }
    if (ready > 0) {
      return Ok{};
    }
    if (Left() <= std::chrono::nanoseconds::zero()) {
      return TooLate(what);
    }
  }
}

}  // namespace acronis::api
