#pragma once

#include <optional>

#include "plugin/core/clock.h"

namespace acronis::poll {

/// Judges the server's clock against the monotonic one.
///
/// A server clock that suddenly gains more than five minutes would move the
/// watermark past tasks that nobody has read. It is believed only when three
/// polls in a row agree with each other. Not thread-safe.
class ServerClock {
 public:
  /// Notes the server's time of a poll. True when it may move watermark and horizon.
  bool Observe(TimePoint server_time, MonotonicTime now);

 private:
  struct Reading {
    TimePoint server_time{};
    MonotonicTime monotonic{};
  };

  std::optional<Reading> trusted_;
  std::optional<Reading> doubted_;
  int agreeing_ = 0;
};

}  // namespace acronis::poll
