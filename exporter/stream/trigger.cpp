#include "exporter/stream/trigger.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <poll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace acronis::exporter {
namespace {

timespec ToTimespec(std::chrono::nanoseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  return {static_cast<time_t>(seconds.count()), static_cast<long>((time - seconds).count())};
}

}  // namespace

Trigger::Trigger(TriggerOptions options, const Clock& clock)
    : options_(options),
      clock_(clock),
      next_beat_(clock.Monotonic()),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_ < 0) {
    throw std::system_error(errno, std::generic_category(), "cannot make an eventfd");
  }
}

Trigger::~Trigger() {
  close(wake_);
}

Trigger::Event Trigger::Wait(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { eventfd_write(wake_, 1); });
  while (!stop.stop_requested()) {
    if (lines_waiting_ > 0) {
      --lines_waiting_;
      return Event::kBatch;
    }
    const auto patience = UntilBeat();
    if (options_.lines_from < 0 && patience <= std::chrono::nanoseconds::zero()) {
      next_beat_ += options_.interval;
      return Event::kBatch;
    }
    if (const auto event = Look(patience)) {
      return *event;
    }
  }
  return Event::kStopped;
}

std::chrono::nanoseconds Trigger::UntilBeat() {
  const MonotonicTime now = clock_.Monotonic();
  if (now - next_beat_ >= options_.interval) {
    next_beat_ += (now - next_beat_) / options_.interval * options_.interval;
  }
  return next_beat_ - now;
}

std::optional<Trigger::Event> Trigger::Look(std::chrono::nanoseconds patience) {
  std::array<pollfd, 3> watched{
      {{wake_, POLLIN, 0}, {options_.lines_from, POLLIN, 0}, {options_.output, 0, 0}}};
  const timespec timeout = ToTimespec(std::max(patience, std::chrono::nanoseconds::zero()));
  const bool beats = options_.lines_from < 0;
  if (ppoll(watched.data(), watched.size(), beats ? &timeout : nullptr, nullptr) <= 0) {
    return std::nullopt;
  }
  const auto& [wake, lines, output] = watched;
  if ((output.revents & (POLLERR | POLLHUP)) != 0) {
    return Event::kReaderGone;
  }
  return lines.revents != 0 ? ReadLines() : std::nullopt;
}

std::optional<Trigger::Event> Trigger::ReadLines() {
  std::array<char, 4096> buffer{};
  const ssize_t got = read(options_.lines_from, buffer.data(), buffer.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
    return std::nullopt;
  }
  if (got <= 0) {
    return Event::kInputEnded;
  }
  lines_waiting_ += static_cast<int>(std::count(buffer.data(), buffer.data() + got, '\n'));
  return std::nullopt;
}

}  // namespace acronis::exporter
