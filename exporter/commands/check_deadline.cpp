#include "exporter/commands/check_deadline.h"

#include <array>
#include <cerrno>
#include <poll.h>
#include <pthread.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigset_t is POSIX, not <csignal>'s.
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "plugin/core/duration.h"

namespace acronis::exporter {
namespace {

constexpr std::chrono::seconds kGrace{1};

int Checked(int descriptor, const char* what) {
  if (descriptor < 0) {
    throw std::system_error(errno, std::generic_category(), what);
  }
  return descriptor;
}

int BlockedSignals() {
  sigset_t set{};
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return Checked(signalfd(-1, &set, SFD_CLOEXEC), "signalfd");
}

/// Waits for one of two descriptors, at most so long. The index of the readable one; empty when the
/// time is over.
int WaitFor(const std::array<int, 2>& descriptors, std::chrono::nanoseconds time) {
  constexpr std::chrono::nanoseconds kSecond = std::chrono::seconds(1);
  const timespec most{time / kSecond, (time % kSecond).count()};
  std::array<pollfd, 2> polled{{{descriptors[0], POLLIN, 0}, {descriptors[1], POLLIN, 0}}};
  ppoll(polled.data(), polled.size(), &most, nullptr);
  if (polled[0].revents != 0) {
    return 0;
  }
  return polled[1].revents != 0 ? 1 : -1;
}

}  // namespace

CheckDeadline::CheckDeadline(std::chrono::nanoseconds timeout,
                             std::function<void(const std::string&)> give_up)
    : give_up_(std::move(give_up)),
      done_(Checked(eventfd(0, EFD_CLOEXEC), "eventfd")),
      signals_(BlockedSignals()),
      watcher_([this, timeout] { Watch(timeout); }) {}

CheckDeadline::~CheckDeadline() {
  eventfd_write(done_, 1);
  watcher_.join();
  close(done_);
  close(signals_);
}

std::string CheckDeadline::Why() const {
  const std::lock_guard lock(mutex_);
  return why_;
}

void CheckDeadline::Watch(std::chrono::nanoseconds timeout) {
  const int first = WaitFor({done_, signals_}, timeout);
  if (first == 0) {
    return;
  }
  End(first < 0 ? "timed out after " + DurationText(timeout) : "interrupted");
  if (WaitFor({done_, done_}, kGrace) < 0) {
    give_up_(Why());
  }
}

void CheckDeadline::End(std::string why) {
  {
    const std::lock_guard lock(mutex_);
    why_ = std::move(why);
  }
  stop_.request_stop();
}

}  // namespace acronis::exporter
