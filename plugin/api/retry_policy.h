#pragma once

#include <chrono>
#include <optional>

#include "plugin/core/result.h"

namespace acronis::api {

/// What may still be spent on retries in one poll cycle. Waits that the server asked for end; a
/// network that is down is not tried for ever.
struct RetryBudget {
  /// Retries after a broken transfer cost 1, after a timeout all of it.
  int transfers = 0;
  std::chrono::nanoseconds waiting{};

  bool operator==(const RetryBudget&) const = default;
};

/// A cycle begins with no retries of transfers: if its very first request fails, nothing works, and
/// the next poll is the retry. They are granted once anything was answered.
inline constexpr int kTransferRetries = 3;
inline constexpr std::chrono::nanoseconds kCycleWaiting = std::chrono::minutes(5);

/// A try of a request that failed.
struct FailedTry {
  ErrorKind kind = ErrorKind::kNetwork;
  int http_status = 0;  ///< 0: no answer.
  int retries = 0;      ///< Of this request, so far.
  std::optional<std::chrono::seconds> retry_after{};
};

/// What to do after a failed try.
struct RetryPlan {
  bool again = false;
  /// Before the next try, or if there is none and the server wants to be left alone, before any
  /// other request of the account.
  std::chrono::nanoseconds wait{};
  int transfers_spent = 0;
};

/// Decides on a failed try; the caller waits. `jitter` is from [0, 1).
///
/// * 429 and 503: what Retry-After says, at most 5 minutes; without it, or if it says less, full
///   jitter up to 1, 2, 4, 8 s. Four times, as far as the cycle's waiting goes.
/// * other 5xx: twice, after 1 to 2 s.
/// * no answer: full jitter, as far as the cycle's budget goes.
/// * everything else: not at all. A refused token (401) is another matter, TaskClient's.
RetryPlan PlanRetry(const FailedTry& failed, const RetryBudget& budget, double jitter);

/// How long a token endpoint that refused the credentials `refusals` times in a row is left alone:
/// 1, 2, 4, 8, then 15 minutes.
std::chrono::nanoseconds PauseAfterRefusals(int refusals);

}  // namespace acronis::api
