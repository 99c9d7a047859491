#include "exporter/web/auth/rate_limit.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace acronis::exporter {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr MonotonicTime kStart{hours(1)};

int AllowedOf(int requests, RateLimit& limit, MonotonicTime now) {
  int allowed = 0;
  for (int request = 0; request < requests; ++request) {
    allowed += limit.Allow(now) ? 1 : 0;
  }
  return allowed;
}

TEST(RateLimit, AnIntervalOfZeroLimitsNothing) {
  RateLimit limit(RateLimitOptions{});
  EXPECT_EQ(AllowedOf(1000, limit, kStart), 1000);
}

TEST(RateLimit, LetsABurstThroughAndThenOneEachInterval) {
  RateLimit limit({.interval = seconds(1), .burst = 3});
  EXPECT_EQ(AllowedOf(10, limit, kStart), 3);
  EXPECT_EQ(AllowedOf(10, limit, kStart + milliseconds(999)), 0);
  EXPECT_EQ(AllowedOf(10, limit, kStart + milliseconds(1000)), 1);
  EXPECT_EQ(AllowedOf(10, limit, kStart + milliseconds(3500)), 2);
  EXPECT_EQ(AllowedOf(10, limit, kStart + milliseconds(4000)), 1) << "half a token was saved up";
}

TEST(RateLimit, NeverSavesMoreThanTheBurst) {
  RateLimit limit({.interval = milliseconds(1), .burst = 2});
  EXPECT_EQ(AllowedOf(10, limit, kStart + hours(100'000)), 2);
}

TEST(RateLimit, ATimeBeforeThatOfAnEarlierRequestCountsAsThatOne) {
  RateLimit limit({.interval = seconds(1), .burst = 1});
  EXPECT_TRUE(limit.Allow(kStart));
  EXPECT_FALSE(limit.Allow(kStart - hours(1)));
  EXPECT_TRUE(limit.Allow(kStart + seconds(1)));
}

TEST(RateLimit, HoldsTheLargestValuesThereAre) {
  RateLimit limit({.interval = nanoseconds::max(), .burst = std::numeric_limits<int>::max()});
  EXPECT_EQ(AllowedOf(10, limit, kStart), 10);
}

TEST(RateLimit, NeverLetsMoreThroughThanTheBurstAndWhatCameBack) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 dice(seed);
  for (int round = 0; round < 200; ++round) {
    const RateLimitOptions options{.interval = milliseconds(1 + dice() % 50),
                                   .burst = static_cast<int>(1 + dice() % 8)};
    RateLimit limit(options);
    MonotonicTime now = kStart;
    int allowed = 0;
    for (int step = 0; step < 200; ++step) {
      now += milliseconds(dice() % 30);
      allowed += limit.Allow(now) ? 1 : 0;
      const auto came_back = (now - kStart) / options.interval;
      ASSERT_LE(allowed, options.burst + came_back) << "round " << round;
      ASSERT_GE(allowed, std::min<std::int64_t>(step + 1, options.burst)) << "round " << round;
    }
  }
}

}  // namespace
}  // namespace acronis::exporter
