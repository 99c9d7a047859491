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

constexpr auto kNothing = std::chrono::nanoseconds::zero();

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
    if (BatchIsDue()) {
      return Event::kBatch;
    }
    if (input_ended_) {
      return Event::kInputEnded;
    }
    if (const auto event = Look(Beats() ? std::optional(UntilBeat()) : std::nullopt)) {
      return *event;
    }
  }
  return Event::kStopped;
}

bool Trigger::BatchIsDue() {
  if (lines_waiting_ > 0 && UntilEnd() != kNothing) {
    --lines_waiting_;
    return true;
  }
  if (Beats() && UntilBeat() <= kNothing) {
    next_beat_ += options_.interval;
    return true;
  }
  return false;
}

std::optional<Trigger::Event> Trigger::Watch(const std::stop_token& done,
                                             const std::stop_token& stop) {
  const auto event = WatchUntil(done, stop);
  // Nobody rings any more: the next wait must not hear it.
  eventfd_t ignored = 0;
  eventfd_read(wake_, &ignored);
  return event;
}

std::optional<Trigger::Event> Trigger::WatchUntil(const std::stop_token& done,
                                                  const std::stop_token& stop) {
  const auto wake = [this] { eventfd_write(wake_, 1); };
  const std::stop_callback when_done(done, wake);
  const std::stop_callback when_stopped(stop, wake);
  std::optional<Event> event;
  while (!event && !done.stop_requested()) {
    if (stop.stop_requested()) {
      event = Event::kStopped;
    } else if (UntilEnd() == kNothing) {
      event = Event::kInputEnded;
    } else {
      event = Look(UntilEnd());
    }
  }
  return event;
}

std::optional<std::chrono::nanoseconds> Trigger::UntilEnd() const {
  if (!input_ended_) {
    return std::nullopt;
  }
  return std::max(*input_ended_ + kGrace - clock_.Monotonic(), kNothing);
}

std::chrono::nanoseconds Trigger::UntilBeat() {
  const MonotonicTime now = clock_.Monotonic();
  if (now - next_beat_ >= options_.interval) {
    next_beat_ += (now - next_beat_) / options_.interval * options_.interval;
  }
  return next_beat_ - now;
}

std::optional<Trigger::Event> Trigger::Look(std::optional<std::chrono::nanoseconds> patience) {
  const int lines_from = input_ended_ ? -1 : options_.lines_from;
  std::array<pollfd, 3> watched{
      {{wake_, POLLIN, 0}, {lines_from, POLLIN, 0}, {options_.output, 0, 0}}};
  const timespec timeout = ToTimespec(patience.value_or(kNothing));
  if (ppoll(watched.data(), watched.size(), patience ? &timeout : nullptr, nullptr) <= 0) {
    return std::nullopt;
  }
  const auto& [wake, lines, output] = watched;
  if ((output.revents & (POLLERR | POLLHUP)) != 0) {
    return Event::kReaderGone;
  }
  if (lines.revents != 0) {
    ReadLines();
  }
  return std::nullopt;
}

void Trigger::ReadLines() {
  std::array<char, 4096> buffer{};
  const ssize_t got = read(options_.lines_from, buffer.data(), buffer.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
    return;
  }
  if (got <= 0) {
    input_ended_ = clock_.Monotonic();
    return;
  }
  lines_waiting_ += static_cast<int>(std::count(buffer.data(), buffer.data() + got, '\n'));
}

}  // namespace acronis::exporter
