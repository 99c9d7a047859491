#include "plugin/core/clock.h"

#include <condition_variable>
#include <mutex>

namespace acronis {

TimePoint SystemClock::Now() const {
  return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}

MonotonicTime SystemClock::Monotonic() const {
  return std::chrono::steady_clock::now();
}

bool SystemClock::SleepFor(std::chrono::nanoseconds delay, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, delay, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace acronis
