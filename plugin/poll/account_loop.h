#pragma once

#include <chrono>
#include <stop_token>

#include "plugin/core/clock.h"
#include "plugin/poll/account_poller.h"

namespace acronis::poll {

/// When the poll after the one planned for `planned` begins: on the grid of the interval, on the
/// monotonic clock; a poll that took too long skips the beats it missed. REQUIRES: interval > 0.
MonotonicTime NextPoll(MonotonicTime planned, MonotonicTime now, std::chrono::nanoseconds interval);

/// Polls until `stop` is requested, the first time after `first_delay`; sweeps in between.
void RunAccount(AccountPoller& poller, Clock& clock, std::chrono::nanoseconds first_delay,
                const std::stop_token& stop);

}  // namespace acronis::poll
