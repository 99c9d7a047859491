#include "plugin/api/retry_policy.h"

#include <string>

#include <gtest/gtest.h>

namespace acronis::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr RetryBudget kFull{.transfers = kTransferRetries, .waiting = kCycleWaiting};
constexpr double kHalf = 0.5;

/// `again after N ms`, `leave alone for N ms` or `no`.
std::string Plan(const FailedTry& failed, const RetryBudget& budget = kFull,
                 double jitter = kHalf) {
  const RetryPlan plan = PlanRetry(failed, budget, jitter);
  const auto wait = std::to_string(std::chrono::duration_cast<milliseconds>(plan.wait).count());
  if (plan.again) {
    return "again after " + wait + " ms";
  }
  return plan.wait.count() > 0 ? "leave alone for " + wait + " ms" : "no";
}

TEST(RetryPolicyTest, RepeatsServerErrorsTwiceAfterOneToTwoSeconds) {
  for (const int status : {500, 502, 504, 520}) {
    const FailedTry first{.kind = ErrorKind::kServerError, .http_status = status};
    FailedTry second = first;
    second.retries = 1;
    FailedTry third = first;
    third.retries = 2;
    EXPECT_EQ(Plan(first, kFull, 0), "again after 1000 ms");
    EXPECT_EQ(Plan(second, kFull, 0.999), "again after 1999 ms");
    EXPECT_EQ(Plan(third), "no");
    EXPECT_EQ(Plan(first, {}, 0), "again after 1000 ms") << "they cost no budget";
  }
}

TEST(RetryPolicyTest, HonoursRetryAfterUpToFiveMinutes) {
  const auto asked = [](seconds wait) {
    return FailedTry{.kind = ErrorKind::kRateLimited, .http_status = 429, .retry_after = wait};
  };
  EXPECT_EQ(Plan(asked(seconds(7))), "again after 7000 ms");
  EXPECT_EQ(Plan(asked(minutes(5))), "again after 300000 ms");
  EXPECT_EQ(Plan(asked(std::chrono::hours(24 * 365))), "again after 300000 ms");
  EXPECT_EQ(Plan(asked(seconds(0))), "again after 500 ms") << "not at once";
  EXPECT_EQ(Plan(asked(seconds(-5))), "again after 500 ms");
}

TEST(RetryPolicyTest, BacksOffWithFullJitterWithoutRetryAfter) {
  FailedTry failed{.kind = ErrorKind::kRateLimited, .http_status = 429};
  std::string plans;
  for (; failed.retries < 5; ++failed.retries) {
    plans += Plan(failed) + ", ";
  }
  EXPECT_EQ(plans,
            "again after 500 ms, again after 1000 ms, again after 2000 ms, "
            "again after 4000 ms, leave alone for 8000 ms, ");
  failed = {.kind = ErrorKind::kServerError, .http_status = 503, .retries = 3};
  EXPECT_EQ(Plan(failed), "again after 4000 ms") << "503 without Retry-After";
}

TEST(RetryPolicyTest, LeavesTheServerAloneEvenIfTheCycleCannotWait) {
  const FailedTry failed{
      .kind = ErrorKind::kRateLimited, .http_status = 429, .retry_after = seconds(60)};
  EXPECT_EQ(Plan(failed, {.waiting = seconds(59)}), "leave alone for 60000 ms");
  EXPECT_EQ(Plan(failed, {.waiting = seconds(60)}), "again after 60000 ms");
}

TEST(RetryPolicyTest, SpendsABudgetOnBrokenTransfersAndAllOfItOnATimeout) {
  const FailedTry broken{.kind = ErrorKind::kNetwork, .retries = 2};
  EXPECT_EQ(Plan(broken), "again after 2000 ms");
  EXPECT_EQ(PlanRetry(broken, kFull, 0).transfers_spent, 1);
  EXPECT_EQ(Plan(broken, {.transfers = 0, .waiting = kCycleWaiting}), "no");
  const FailedTry late{.kind = ErrorKind::kTimeout};
  EXPECT_EQ(Plan(late), "again after 500 ms");
  EXPECT_EQ(PlanRetry(late, kFull, 0).transfers_spent, kTransferRetries);
  EXPECT_EQ(Plan(late, {.transfers = kTransferRetries - 1, .waiting = kCycleWaiting}), "no");
}

TEST(RetryPolicyTest, DoesNotRepeatWhatWouldFailAgain) {
  for (const ErrorKind kind :
       {ErrorKind::kAuth, ErrorKind::kForbidden, ErrorKind::kNotFound, ErrorKind::kBadRequest,
        ErrorKind::kTls, ErrorKind::kInvalidResponse, ErrorKind::kCursor, ErrorKind::kStore,
        ErrorKind::kInvalidArgument, ErrorKind::kCancelled}) {
    EXPECT_EQ(Plan({.kind = kind, .retry_after = seconds(3)}), "no") << ToLabel(kind);
  }
}

TEST(RetryPolicyTest, LeavesARefusingTokenEndpointAloneForUpToAQuarterOfAnHour) {
  std::string pauses;
  for (int refusals = 1; refusals <= 7; ++refusals) {
    pauses +=
        std::to_string(std::chrono::duration_cast<minutes>(PauseAfterRefusals(refusals)).count()) +
        " ";
  }
  EXPECT_EQ(pauses, "1 2 4 8 15 15 15 ");
  EXPECT_EQ(PauseAfterRefusals(1'000'000), minutes(15));
}

}  // namespace
}  // namespace acronis::api
