#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "plugin/api/call_bounds.h"
#include "plugin/core/clock.h"
#include "plugin/core/result.h"
#include "plugin/core/telemetry.h"

namespace acronis::api {

/// Keeps one account below its requests per minute.
///
/// Allows a short burst (a sixth of the limit), then spaces requests evenly, so
/// that no minute holds more than the limit. Places are given in the order of
/// the calls. Thread-safe; borrows clock and telemetry for its life.
class RequestLimiter {
 public:
  /// REQUIRES: max_per_minute >= 1.
  RequestLimiter(std::string account, int max_per_minute, Clock& clock, Telemetry& telemetry);

  /// Waits for the next free place. kCancelled, at once, when it would come too late for `bounds`,
  /// and when a stop is requested.
  Status Acquire(const CallBounds& bounds);

  /// Lets nobody through for `time` from now, also those who wait already.
  void HoldBack(std::chrono::nanoseconds time);

 private:
  /// Takes the next place and returns how long it is still to wait for it. Without one if that is
  /// too long.
  std::optional<std::chrono::nanoseconds> Reserve(const CallBounds& bounds);
  /// While the caller waited the server asked to be left alone: the place is no good any more.
  bool IsHeld();

  std::string account_;
  std::chrono::nanoseconds spacing_;
  std::chrono::nanoseconds burst_;  ///< How far requests may run ahead of even spacing.
  Clock& clock_;
  Telemetry& telemetry_;
  std::mutex mutex_;
  MonotonicTime next_{MonotonicTime::min()};        // Guarded by mutex_.
  MonotonicTime held_until_{MonotonicTime::min()};  // Guarded by mutex_.
};

}  // namespace acronis::api
