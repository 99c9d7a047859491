#include "plugin/api/retry_policy.h"

#include <algorithm>

namespace acronis::api {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr int kThrottledRetries = 4;
constexpr int kServerErrorRetries = 2;
constexpr int kServiceUnavailable = 503;
constexpr nanoseconds kLongestWait = std::chrono::minutes(5);
constexpr nanoseconds kFirstPause = std::chrono::minutes(1);
constexpr nanoseconds kLongestPause = std::chrono::minutes(15);

nanoseconds Part(nanoseconds whole, double share) {
  return std::chrono::duration_cast<nanoseconds>(whole * share);
}

/// Up to 1, 2, 4, ... s.
nanoseconds FullJitter(int retries, double jitter) {
  constexpr int kMostDoublings = 6;
  return Part(seconds(1) * (1 << std::min(retries, kMostDoublings)), jitter);
}

RetryPlan AfterThrottling(const FailedTry& failed, const RetryBudget& budget, double jitter) {
  const nanoseconds asked = std::clamp<nanoseconds>(failed.retry_after.value_or(seconds(0)),
                                                    nanoseconds(0), kLongestWait);
  const nanoseconds wait = std::max(asked, FullJitter(failed.retries, jitter));
  return {.again = failed.retries < kThrottledRetries && wait <= budget.waiting, .wait = wait};
}

RetryPlan AfterBrokenTransfer(const FailedTry& failed, const RetryBudget& budget, double jitter) {
  const int price = failed.kind == ErrorKind::kTimeout ? kTransferRetries : 1;
  if (price > budget.transfers) {
    return {};
  }
  return {.again = true, .wait = FullJitter(failed.retries, jitter), .transfers_spent = price};
}

}  // namespace

RetryPlan PlanRetry(const FailedTry& failed, const RetryBudget& budget, double jitter) {
  const bool server_error = failed.kind == ErrorKind::kServerError;
  if (failed.kind == ErrorKind::kRateLimited ||
      (server_error && failed.http_status == kServiceUnavailable)) {
    return AfterThrottling(failed, budget, jitter);
  }
  if (server_error && failed.retries < kServerErrorRetries) {
    return {.again = true, .wait = seconds(1) + Part(seconds(1), jitter)};
  }
  if (failed.kind == ErrorKind::kNetwork || failed.kind == ErrorKind::kTimeout) {
    return AfterBrokenTransfer(failed, budget, jitter);
  }
  return {};
}

nanoseconds PauseAfterRefusals(int refusals) {
  constexpr int kMostDoublings = 4;
  return std::min(kFirstPause * (1 << std::clamp(refusals - 1, 0, kMostDoublings)), kLongestPause);
}

}  // namespace acronis::api
