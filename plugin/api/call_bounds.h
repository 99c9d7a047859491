#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <utility>

#include "plugin/core/clock.h"

namespace acronis::api {

/// How long a call may go on: until somebody stops it and, if wanted, until a time. Who runs out of
/// it returns kCancelled, which is never a failure.
struct CallBounds {
  CallBounds() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): most callers can only be stopped.
  CallBounds(std::stop_token until_stopped) : stop(std::move(until_stopped)) {}
  CallBounds(std::stop_token until_stopped, MonotonicTime until)
      : stop(std::move(until_stopped)), give_up_at(until) {}

  std::stop_token stop;
  std::optional<MonotonicTime> give_up_at{};

  /// True when nothing that takes `time` more may be begun.
  bool EndWithin(std::chrono::nanoseconds time, MonotonicTime now) const {
    return stop.stop_requested() || (give_up_at && now + time >= *give_up_at);
  }
};

}  // namespace acronis::api
