#pragma once

#include <chrono>
#include <mutex>
#include <stop_token>
#include <string>

#include "plugin/core/clock.h"
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

  /// Waits for the next free place. False, at once, when `stop` is requested.
  bool Acquire(const std::stop_token& stop);

 private:
  /// Takes the next place and returns how long it is still to wait for it.
  std::chrono::nanoseconds Reserve();

  std::string account_;
  std::chrono::nanoseconds spacing_;
  std::chrono::nanoseconds burst_;  ///< How far requests may run ahead of even spacing.
  Clock& clock_;
  Telemetry& telemetry_;
  std::mutex mutex_;
  MonotonicTime next_{MonotonicTime::min()};  // Guarded by mutex_.
};

}  // namespace acronis::api
