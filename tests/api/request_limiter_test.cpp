#include "plugin/api/request_limiter.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fakes/call_recorder.h"
#include "tests/fakes/fake_clock.h"

namespace acronis::api {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class RequestLimiterTest : public ::testing::TestWithParam<int> {
 protected:
  test::FakeClock clock_{test::FakeClock::OnSleep::kAdvance, TimePoint(std::chrono::hours(1))};
  fakes::CallRecorder calls_;
};

TEST_P(RequestLimiterTest, KeepsEveryMinuteBelowTheLimit) {
  const int limit = GetParam();
  RequestLimiter limiter("a", limit, clock_, calls_);
  std::vector<MonotonicTime> times;
  for (int i = 0; i < 3 * limit + 3; ++i) {
    ASSERT_TRUE(limiter.Acquire({}));
    times.push_back(clock_.Monotonic());
  }
  const auto n = static_cast<std::size_t>(limit);
  for (std::size_t i = 0; i + n < times.size(); ++i) {
    // Whole nanoseconds lose up to one a request.
    EXPECT_GE(times[i + n] - times[i], minutes(1) - std::chrono::nanoseconds(limit));
  }
  EXPECT_LE(times.back() - times.front(), minutes(4) + minutes(2) / limit);
}

INSTANTIATE_TEST_SUITE_P(Limits, RequestLimiterTest, ::testing::Values(1, 2, 5, 6, 7, 60, 240),
                         [](const auto& instance) { return std::to_string(instance.param); });

TEST_F(RequestLimiterTest, LetsABurstThroughAtOnce) {
  RequestLimiter limiter("a", 240, clock_, calls_);
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(limiter.Acquire({}));
  }
  EXPECT_TRUE(clock_.Sleeps().empty());
  ASSERT_TRUE(limiter.Acquire({}));
  EXPECT_EQ(clock_.Sleeps().size(), 1U);
}

TEST_F(RequestLimiterTest, ReportsTheTimeItCost) {
  RequestLimiter limiter("emea", 1, clock_, calls_);
  ASSERT_TRUE(limiter.Acquire({}));
  ASSERT_TRUE(limiter.Acquire({}));
  EXPECT_EQ(calls_.Calls(), std::vector<std::string>{"throttled emea 60000000000"});
}

TEST_F(RequestLimiterTest, RecoversWhileNothingIsAsked) {
  RequestLimiter limiter("a", 60, clock_, calls_);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(limiter.Acquire({}));
  }
  clock_.Advance(minutes(5));
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(limiter.Acquire({}));
  }
  EXPECT_TRUE(clock_.Sleeps().empty());
}

TEST_F(RequestLimiterTest, EndsAtOnceWhenAskedToStop) {
  RequestLimiter limiter("a", 1, clock_, calls_);
  std::stop_source stop;
  ASSERT_TRUE(limiter.Acquire(stop.get_token()));
  stop.request_stop();
  EXPECT_FALSE(limiter.Acquire(stop.get_token()));
}

TEST_F(RequestLimiterTest, TakesNoPlaceThatWouldComeTooLate) {
  RequestLimiter limiter("a", 1, clock_, calls_);
  ASSERT_TRUE(limiter.Acquire({}));
  const auto refused = limiter.Acquire({{}, clock_.Monotonic() + seconds(59)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kCancelled);
  EXPECT_TRUE(clock_.Sleeps().empty());
  ASSERT_TRUE(limiter.Acquire({{}, clock_.Monotonic() + seconds(61)}));
  EXPECT_EQ(clock_.Sleeps(), std::vector<std::chrono::nanoseconds>{minutes(1)});
}

TEST_F(RequestLimiterTest, AdmitsNobodyAfterTheEndHoweverManyPlacesAreFree) {
  RequestLimiter limiter("a", 600, clock_, calls_);
  EXPECT_TRUE(limiter.Acquire({{}, clock_.Monotonic() + std::chrono::nanoseconds(1)}));
  EXPECT_FALSE(limiter.Acquire({{}, clock_.Monotonic()}));
}

TEST_F(RequestLimiterTest, HoldsEverybodyBackAndAllowsNoBurstAfterIt) {
  RequestLimiter limiter("a", 60, clock_, calls_);
  ASSERT_TRUE(limiter.Acquire({}));
  limiter.HoldBack(seconds(30));
  limiter.HoldBack(seconds(10));
  const auto held_at = clock_.Monotonic();
  ASSERT_TRUE(limiter.Acquire({}));
  EXPECT_EQ(clock_.Monotonic() - held_at, seconds(30));
  ASSERT_TRUE(limiter.Acquire({}));
  EXPECT_GT(clock_.Monotonic() - held_at, seconds(31));
}

TEST_F(RequestLimiterTest, HoldsBackWhoWaitsAlready) {
  test::FakeClock clock(test::FakeClock::OnSleep::kWait);
  RequestLimiter limiter("a", 1, clock, calls_);
  ASSERT_TRUE(limiter.Acquire({}));
  std::atomic<bool> admitted = false;
  std::jthread waiting([&] { admitted = static_cast<bool>(limiter.Acquire({})); });
  ASSERT_TRUE(clock.AwaitSleepers(1));
  limiter.HoldBack(minutes(5));
  clock.Advance(minutes(1));
  ASSERT_TRUE(clock.AwaitSleepCalls(2)) << "it must wait again";
  EXPECT_FALSE(admitted);
  ASSERT_TRUE(clock.AwaitSleepers(1));
  clock.Advance(minutes(10));
  waiting.join();
  EXPECT_TRUE(admitted);
}

}  // namespace
}  // namespace acronis::api
