#pragma once

#include <chrono>
#include <stop_token>

namespace acronis {

/// A UTC instant with nanoseconds, as the API writes them: 1677 to 2262.
using TimePoint = std::chrono::sys_time<std::chrono::nanoseconds>;
/// A reading of a clock that nobody sets. Only differences mean something.
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

/// Seconds since 1970 as Prometheus writes them.
inline double ToUnixSeconds(TimePoint time) {
  // Nanoseconds since 1970 do not fit a double; whole seconds and the rest do, so that there is one
  // rounding only and a quarter of a second stays one.
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  return static_cast<double>(whole.time_since_epoch().count()) +
         std::chrono::duration<double>(time - whole).count();
}

/// Time as the program sees it: reading it and waiting for it to pass.
///
/// Intervals, deadlines and token lives use Monotonic(); Now() is for display
/// and for the published clock skew only. Thread-safe: one instance serves
/// every thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint Now() const = 0;
  virtual MonotonicTime Monotonic() const = 0;
  /// Waits for `delay`. Returns false, at once, when `stop` is requested.
  virtual bool SleepFor(std::chrono::nanoseconds delay, const std::stop_token& stop) = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  TimePoint Now() const override;
  MonotonicTime Monotonic() const override;
  bool SleepFor(std::chrono::nanoseconds delay, const std::stop_token& stop) override;
};

}  // namespace acronis
