#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "plugin/core/clock.h"
#include "plugin/core/counts.h"
#include "plugin/core/result.h"

namespace acronis::poll {

/// What an account shows besides its counts.
struct LiveState {
  bool up = false;                       ///< The last cycle succeeded.
  std::optional<TimePoint> last_poll{};  ///< When it ended, by the local clock.
  std::string last_error{};              ///< Why it failed; empty: it did not.
  bool in_flight_complete = false;
  std::shared_ptr<const InFlightCounts> in_flight{};
};

/// Where the poller of an account notes how it is, and whoever shows it looks. It may outlive the
/// poller: the next one goes on with it, so that a change of options takes nothing away.
/// Thread-safe, never waits for anything but a copy.
class LiveBoard {
 public:
  LiveState Read() const {
    const std::lock_guard lock(mutex_);
    return state_;
  }
  /// How the cycle that ended `at` went.
  void NotePoll(const Status& outcome, TimePoint at) {
    const std::lock_guard lock(mutex_);
    state_.up = static_cast<bool>(outcome);
    state_.last_poll = at;
    state_.last_error = outcome ? std::string() : outcome.error().message;
  }
  /// Null takes the listing away.
  void SetInFlight(std::shared_ptr<const InFlightCounts> listing, bool complete) {
    const std::lock_guard lock(mutex_);
    state_.in_flight = std::move(listing);
    state_.in_flight_complete = complete;
  }

 private:
  mutable std::mutex mutex_;
  LiveState state_;  // Guarded by mutex_.
};

}  // namespace acronis::poll
