#include "plugin/core/clock.h"

#include <future>
#include <thread>

#include <gtest/gtest.h>

namespace acronis {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(SystemClock, SleepsAtLeastAsLongAsAsked) {
  SystemClock clock;
  const MonotonicTime begin = clock.Monotonic();
  EXPECT_TRUE(clock.SleepFor(milliseconds(20), std::stop_token()));
  EXPECT_GE(clock.Monotonic() - begin, milliseconds(20));
}

TEST(SystemClock, ReturnsAtOnceWhenTheDelayIsInThePast) {
  SystemClock clock;
  EXPECT_TRUE(clock.SleepFor(-hours(1), std::stop_token()));
}

TEST(SystemClock, WakesWhenAskedToStop) {
  SystemClock clock;
  std::stop_source stop;
  auto slept =
      std::async(std::launch::async, [&] { return clock.SleepFor(hours(24), stop.get_token()); });
  stop.request_stop();
  ASSERT_EQ(slept.wait_for(seconds(30)), std::future_status::ready);
  EXPECT_FALSE(slept.get());
}

TEST(ToUnixSeconds, RoundsOnce) {
  const TimePoint time(std::chrono::seconds(1'790'000'000) + std::chrono::milliseconds(250));
  EXPECT_EQ(ToUnixSeconds(time), 1790000000.25);
  EXPECT_EQ(ToUnixSeconds(TimePoint(std::chrono::milliseconds(-250))), -0.25);
}

}  // namespace
}  // namespace acronis
