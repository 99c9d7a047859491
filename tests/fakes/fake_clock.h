#pragma once

#include <chrono>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <set>
#include <stop_token>
#include <vector>

#include "plugin/core/clock.h"

namespace acronis::test {

/// A clock that only a test moves. Now() and Monotonic() advance together;
/// SetNow() lets the wall clock jump alone. Thread-safe.
class FakeClock final : public Clock {
 public:
  enum class OnSleep {
    kAdvance,  ///< SleepFor() moves the clock itself and returns at once: for one thread.
    kWait,     ///< SleepFor() waits until Advance() has passed its end: for loops on threads.
  };

  /// 2025-10-10T17:00:00Z.
  static constexpr TimePoint kStart{std::chrono::seconds(1'760'115'600)};

  explicit FakeClock(OnSleep on_sleep = OnSleep::kAdvance, TimePoint start = kStart)
      : on_sleep_(on_sleep), now_(start) {}

  TimePoint Now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }

  MonotonicTime Monotonic() const override {
    const std::lock_guard lock(mutex_);
    return monotonic_;
  }

  bool SleepFor(std::chrono::nanoseconds delay, const std::stop_token& stop) override {
    std::unique_lock lock(mutex_);
    sleeps_.push_back(delay);
    if (stop.stop_requested()) {
      return false;
    }
    if (on_sleep_ == OnSleep::kAdvance) {
      now_ += delay;
      monotonic_ += delay;
      changed_.notify_all();
      return true;
    }
    const MonotonicTime end = monotonic_ + delay;
    const auto mine = ends_.insert(end);
    changed_.notify_all();
    changed_.wait(lock, stop, [&] { return monotonic_ >= end; });
    ends_.erase(mine);
    return !stop.stop_requested();
  }

  void Advance(std::chrono::nanoseconds step) {
    const std::lock_guard lock(mutex_);
    now_ += step;
    monotonic_ += step;
    changed_.notify_all();
  }

  /// Somebody sets the wall clock; the monotonic one does not notice.
  void SetNow(TimePoint now) {
    const std::lock_guard lock(mutex_);
    now_ = now;
  }

  /// Every delay asked for so far.
  std::vector<std::chrono::nanoseconds> Sleeps() const {
    const std::lock_guard lock(mutex_);
    return sleeps_;
  }

  /// Waits, in real time, until `count` threads are asleep. False if that never happens.
  bool AwaitSleepers(int count, std::chrono::seconds patience = std::chrono::seconds(10)) {
    std::unique_lock lock(mutex_);
    // Whoever is due but has not woken up yet is asleep no more.
    return changed_.wait_for(lock, patience, [&] {
      return std::distance(ends_.upper_bound(monotonic_), ends_.end()) >= count;
    });
  }

  /// Waits, in real time, until SleepFor() was called `count` times in all.
  bool AwaitSleepCalls(std::size_t count,
                       std::chrono::seconds patience = std::chrono::seconds(10)) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return sleeps_.size() >= count; });
  }

 private:
  const OnSleep on_sleep_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  // All guarded by mutex_.
  TimePoint now_;
  MonotonicTime monotonic_{std::chrono::hours(1)};
  std::multiset<MonotonicTime> ends_;  // Of those who sleep.
  std::vector<std::chrono::nanoseconds> sleeps_;
};

}  // namespace acronis::test
