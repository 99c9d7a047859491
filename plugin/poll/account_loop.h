#pragma once

#include <chrono>
#include <cstddef>
#include <random>
#include <stop_token>

#include "plugin/core/clock.h"
#include "plugin/poll/account_poller.h"

namespace acronis::poll {

/// When the poll after the one planned for `planned` begins: on the grid of the interval, on the
/// monotonic clock; a poll that took too long skips the beats it missed. REQUIRES: interval > 0.
MonotonicTime NextPoll(MonotonicTime planned, MonotonicTime now, std::chrono::nanoseconds interval);

/// The interval after `useless` polls in a row failed in a way that only a person can mend (403,
/// 404, another refusal): doubled each time, up to a quarter of an hour.
std::chrono::nanoseconds SlowedInterval(std::chrono::nanoseconds interval, int useless);

/// How long an account waits before its first poll: accounts that start together should not ask
/// together. At random up to the interval, at most 10 s; an account alone does not wait.
std::chrono::nanoseconds FirstDelay(std::chrono::nanoseconds interval, std::size_t accounts,
                                    std::mt19937_64& random);

/// Polls until `stop` is requested, the first time after `first_delay`; sweeps in between.
void RunAccount(AccountPoller& poller, Clock& clock, std::chrono::nanoseconds first_delay,
                const std::stop_token& stop);

}  // namespace acronis::poll
