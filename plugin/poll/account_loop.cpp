#include "plugin/poll/account_loop.h"

#include <algorithm>
#include <cstdint>

namespace acronis::poll {
namespace {

constexpr std::chrono::nanoseconds kMaxFirstDelay = std::chrono::seconds(10);
constexpr std::chrono::nanoseconds kSlowest = std::chrono::minutes(15);

/// The server knows what we want and does not like it; asking again will not change that.
bool IsUseless(const Status& status) {
  return !status && (status.error().kind == ErrorKind::kForbidden ||
                     status.error().kind == ErrorKind::kNotFound ||
                     status.error().kind == ErrorKind::kBadRequest);
}

}  // namespace

MonotonicTime NextPoll(MonotonicTime planned, MonotonicTime now,
                       std::chrono::nanoseconds interval) {
  const MonotonicTime next = planned + interval;
  return next > now ? next : next + ((now - next) / interval + 1) * interval;
}

std::chrono::nanoseconds SlowedInterval(std::chrono::nanoseconds interval, int useless) {
  std::chrono::nanoseconds slowed = interval;
  for (int failure = 0; failure < useless && slowed < kSlowest; ++failure) {
    slowed *= 2;
  }
  return std::max(interval, std::min(slowed, kSlowest));
}

std::chrono::nanoseconds FirstDelay(std::chrono::nanoseconds interval, std::size_t accounts,
                                    std::mt19937_64& random) {
  if (accounts < 2) {
    return {};
  }
  const auto limit = std::min(interval, kMaxFirstDelay);
  return std::chrono::nanoseconds(
      std::uniform_int_distribution<std::int64_t>(0, limit.count())(random));
}

void RunAccount(AccountPoller& poller, Clock& clock, std::chrono::nanoseconds first_delay,
                const std::stop_token& stop) {
  MonotonicTime planned = clock.Monotonic() + first_delay;
  int useless = 0;
  while (clock.SleepFor(planned - clock.Monotonic(), stop)) {
    // The outcome was reported by the poller; the next beat is the reaction to a failure.
    useless = IsUseless(poller.PollOnce(stop)) ? useless + 1 : 0;
    planned =
        NextPoll(planned, clock.Monotonic(), SlowedInterval(poller.Options().interval, useless));
    if (!stop.stop_requested() && poller.SweepWanted()) {
      poller.SweepOnce({stop, planned});
    }
  }
}

}  // namespace acronis::poll
