#include "plugin/poll/window.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "plugin/poll/account_loop.h"
#include "plugin/poll/server_clock.h"

namespace acronis::poll {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr TimePoint kNow{hours(450'000)};
constexpr MonotonicTime kBoot{};

ledger::Progress Baseline() {
  return {.start = kNow - hours(24), .baseline_end = kNow, .horizon = kNow - hours(24)};
}

ledger::Progress Running() {
  return {.start = kNow - hours(2400),
          .baseline_end = kNow - hours(2000),
          .baseline_complete = true,
          .watermark = kNow - minutes(1),
          .horizon = kNow - hours(2000),
          .last_sweep = kNow - hours(3)};
}

TEST(StartTime, GoesBackAsConfiguredButNotBehindTheRetention) {
  PollOptions options;
  EXPECT_EQ(StartTime(options, kNow), kNow - hours(24));
  options.start.value = StartAt::Now{};
  EXPECT_EQ(StartTime(options, kNow), kNow);
  options.start.value = kNow - hours(5);
  EXPECT_EQ(StartTime(options, kNow), kNow - hours(5));
  options.start.value = kNow + hours(5);
  EXPECT_EQ(StartTime(options, kNow), kNow);
  options.start.value = TimePoint{};
  EXPECT_EQ(StartTime(options, kNow), kNow - options.retention);
}

struct PastCase {
  std::string name;
  Past past;
  TimePoint readable;
};
class ReadableFromTest : public ::testing::TestWithParam<PastCase> {};

TEST_P(ReadableFromTest, IsWhereNothingIsMissing) {
  PollOptions options;
  options.retention = hours(1000);
  EXPECT_EQ(ReadableFrom(options, kNow, GetParam().past), GetParam().readable);
}

INSTANTIATE_TEST_SUITE_P(
    Pasts, ReadableFromTest,
    ::testing::Values(PastCase{"ShortAbsence", {.reached = kNow - hours(900)}, kNow - hours(900)},
                      PastCase{"EmptyServiceAndALongAbsence",
                               {.reached = kNow - hours(1200)},
                               kNow - hours(1000)},
                      PastCase{"ServiceKeepsMoreThanItHasTo",
                               {.reached = kNow - hours(1200), .oldest_shown = kNow - hours(1300)},
                               kNow - hours(1200)},
                      PastCase{"ServiceKeepsALittleMore",
                               {.reached = kNow - hours(1200), .oldest_shown = kNow - hours(1100)},
                               kNow - hours(1100)},
                      PastCase{"QuietAccount",
                               {.reached = kNow - hours(900),
                                .oldest_shown = kNow - hours(800),
                                .newest_counted = kNow - hours(1500)},
                               kNow - hours(900)},
                      PastCase{"RemovedEarlyThoughCountedAndStillToBeThere",
                               {.reached = kNow - hours(900),
                                .oldest_shown = kNow - hours(800),
                                .newest_counted = kNow - hours(950)},
                               kNow - hours(800)},
                      PastCase{"NothingRemoved",
                               {.reached = kNow - hours(900),
                                .oldest_shown = kNow - hours(970),
                                .newest_counted = kNow - hours(950)},
                               kNow - hours(900)}),
    [](const auto& instance) { return instance.param.name; });

TEST(PollWindow, OverlapsBehindTheWatermark) {
  EXPECT_EQ(PollWindow(Running(), {}, kNow), (Window{.from = kNow - minutes(16), .to = kNow}));
}

TEST(PollWindow, NeverReachesBehindTheStart) {
  EXPECT_EQ(PollWindow(Baseline(), {}, kNow), (Window{.from = kNow - hours(24), .to = kNow}));
}

TEST(PollWindow, FollowsAServerClockThatWentBack) {
  const TimePoint back = kNow - hours(1);
  EXPECT_EQ(PollWindow(Running(), {}, back), (Window{.from = back - minutes(15), .to = back}));
}

TEST(PollWindow, IsNeverTurnedRound) {
  const TimePoint before_start = kNow - hours(30);
  const Window window = PollWindow(Baseline(), {}, before_start);
  EXPECT_LE(window.from, *window.to);
}

TEST(AfterReading, KeepsTheWatermarkBehindTheServersClock) {
  const auto progress = AfterReading(Running(), {}, kNow, kNow);
  EXPECT_EQ(progress.watermark, kNow - seconds(5));
}

TEST(AfterReading, MovesOnlyOverWhatWasRead) {
  auto progress = Running();
  progress.watermark = kNow - hours(5);
  EXPECT_EQ(AfterReading(progress, {}, kNow, kNow - hours(4)).watermark, kNow - hours(4));
}

TEST(AfterReading, NeverMovesTheWatermarkBack) {
  const auto progress = AfterReading(Running(), {}, kNow - hours(1), kNow - hours(1));
  EXPECT_EQ(progress.watermark, Running().watermark);
}

TEST(AfterReading, CompletesTheBaselineOnlyAtItsEnd) {
  EXPECT_FALSE(AfterReading(Baseline(), {}, kNow, kNow - nanoseconds(1)).baseline_complete);
  EXPECT_TRUE(AfterReading(Baseline(), {}, kNow, kNow).baseline_complete);
}

TEST(Horizon, StaysAtTheStartUntilASweepIsComplete) {
  auto progress = Running();
  progress.last_sweep.reset();
  progress.horizon = progress.start;
  EXPECT_EQ(AfterReading(progress, {}, kNow, kNow).horizon, progress.start);
}

TEST(Horizon, CoversEveryWindowThatMayShowAnIdAgain) {
  const PollOptions options;
  const auto progress = AfterReading(Running(), options, kNow, kNow);
  EXPECT_LT(*progress.horizon, PollWindow(progress, options, kNow).from);
  EXPECT_LT(*progress.horizon, SweepFrom(progress, options));
  EXPECT_EQ(*progress.horizon, kNow - hours(3) - hours(7 * 24) - hours(1));
}

TEST(Horizon, NeverMovesBack) {
  auto progress = Running();
  progress.horizon = kNow - minutes(1);
  EXPECT_EQ(AfterReading(progress, {}, kNow, kNow).horizon, kNow - minutes(1));
}

TEST(Sweep, BeginsAtTheStartThenAWindowBehindTheLast) {
  auto progress = Running();
  EXPECT_EQ(SweepFrom(progress, {}), kNow - hours(3) - hours(7 * 24));
  progress.last_sweep.reset();
  EXPECT_EQ(SweepFrom(progress, {}), progress.start);
}

TEST(Sweep, IsDueAfterItsPeriodAndNeverInTheBaseline) {
  EXPECT_FALSE(SweepDue(Running(), {}, kNow + hours(3) - nanoseconds(1)));
  EXPECT_TRUE(SweepDue(Running(), {}, kNow + hours(3)));
  EXPECT_FALSE(SweepDue(Baseline(), {}, kNow + hours(100)));
}

TEST(Without, LeavesOutTheSpots) {
  const std::chrono::nanoseconds instant(1);
  EXPECT_EQ(Without({{.from = kNow, .to = kNow + hours(1)}}, {}),
            (std::vector<Window>{{.from = kNow, .to = kNow + hours(1)}}));
  const std::vector<TimePoint> spots{kNow - hours(1),   kNow,
                                     kNow + minutes(1), kNow + hours(1) - instant,
                                     kNow + hours(1),   kNow + hours(3)};
  EXPECT_EQ(
      Without(
          {{.from = kNow, .to = kNow + hours(1)}, {.from = kNow + hours(2), .to = std::nullopt}},
          spots),
      (std::vector<Window>{{.from = kNow + instant, .to = kNow + minutes(1)},
                           {.from = kNow + minutes(1) + instant, .to = kNow + hours(1) - instant},
                           {.from = kNow + hours(2), .to = kNow + hours(3)},
                           {.from = kNow + hours(3) + instant, .to = std::nullopt}}));
  EXPECT_EQ(Without({Window{}}, std::vector{kNow}),
            (std::vector<Window>{{.from = kEver, .to = kNow},
                                 {.from = kNow + instant, .to = std::nullopt}}));
}

TEST(Completed, KeepsTheSlicesAndAddsWhatTheyLeave) {
  const auto at = [](int from, int to) {
    return Window{.from = kNow + hours(from), .to = kNow + hours(to)};
  };
  EXPECT_EQ(Completed({}, at(0, 1)), std::vector{at(0, 1)});
  EXPECT_EQ(Completed({at(0, 1), at(1, 2), at(4, 5)}, at(1, 9)),
            (std::vector{at(0, 1), at(1, 2), at(2, 4), at(4, 5), at(5, 9)}));
  EXPECT_EQ(Completed({at(3, 4)}, at(0, 2)), (std::vector{at(0, 2), at(3, 4)}));
  EXPECT_EQ(Completed({at(0, 9)}, at(1, 2)), std::vector{at(0, 9)});
  EXPECT_EQ(Completed({at(0, 1)}, at(3, 4)), (std::vector{at(0, 1), at(3, 4)}));
}

TEST(Halved, CutsDownToASecond) {
  EXPECT_EQ(Halved({.from = kNow, .to = kNow + hours(2)}),
            (std::vector<Window>{{.from = kNow, .to = kNow + hours(1)},
                                 {.from = kNow + hours(1), .to = kNow + hours(2)}}));
  const Window second{.from = kNow, .to = kNow + seconds(1)};
  EXPECT_EQ(Halved(second), std::vector{second});
  const Window open{.from = kNow, .to = std::nullopt};
  EXPECT_EQ(Halved(open), std::vector{open});
}

TEST(NextPoll, KeepsTheBeatAndSkipsTheOnesItMissed) {
  EXPECT_EQ(NextPoll(kBoot, kBoot + seconds(3), seconds(60)), kBoot + seconds(60));
  EXPECT_EQ(NextPoll(kBoot, kBoot + seconds(60), seconds(60)), kBoot + seconds(120));
  EXPECT_EQ(NextPoll(kBoot, kBoot + seconds(200), seconds(60)), kBoot + seconds(240));
}

TEST(SlowedInterval, DoublesUpToAQuarterOfAnHour) {
  EXPECT_EQ(SlowedInterval(seconds(60), 0), seconds(60));
  EXPECT_EQ(SlowedInterval(seconds(60), 1), seconds(120));
  EXPECT_EQ(SlowedInterval(seconds(60), 3), seconds(480));
  EXPECT_EQ(SlowedInterval(seconds(60), 4), minutes(15));
  EXPECT_EQ(SlowedInterval(seconds(60), 1'000'000), minutes(15));
  EXPECT_EQ(SlowedInterval(hours(1), 5), hours(1)) << "never faster than configured";
}

TEST(ServerClock, BelievesAClockThatKeepsPace) {
  ServerClock clock;
  EXPECT_TRUE(clock.Observe(kNow, kBoot));
  EXPECT_TRUE(clock.Observe(kNow + hours(1), kBoot + hours(1)));
  EXPECT_TRUE(clock.Observe(kNow + hours(1) + minutes(5), kBoot + hours(1)));
}

TEST(ServerClock, BelievesAClockThatGoesBack) {
  ServerClock clock;
  EXPECT_TRUE(clock.Observe(kNow, kBoot));
  EXPECT_TRUE(clock.Observe(kNow - hours(9), kBoot + minutes(1)));
}

TEST(ServerClock, DoubtsAJumpUntilThreePollsAgree) {
  ServerClock clock;
  clock.Observe(kNow, kBoot);
  const TimePoint jumped = kNow + hours(240);
  EXPECT_FALSE(clock.Observe(jumped, kBoot + minutes(1)));
  EXPECT_FALSE(clock.Observe(jumped + minutes(1), kBoot + minutes(2)));
  EXPECT_TRUE(clock.Observe(jumped + minutes(2), kBoot + minutes(3)));
}

TEST(ServerClock, BeginsAnewWhenTheDoubtfulDisagree) {
  ServerClock clock;
  clock.Observe(kNow, kBoot);
  EXPECT_FALSE(clock.Observe(kNow + hours(240), kBoot + minutes(1)));
  EXPECT_FALSE(clock.Observe(kNow + hours(480), kBoot + minutes(2)));
  EXPECT_FALSE(clock.Observe(kNow + hours(720), kBoot + minutes(3)));
  EXPECT_TRUE(clock.Observe(kNow + minutes(4), kBoot + minutes(4)));
}

TEST(FirstDelay, SpreadsAccountsThatStartTogether) {
  std::mt19937_64 random(7);
  EXPECT_EQ(FirstDelay(minutes(1), 1, random), seconds(0));
  nanoseconds least = hours(1);
  nanoseconds most{};
  for (int account = 0; account < 1000; ++account) {
    const nanoseconds delay = FirstDelay(minutes(1), 1000, random);
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  EXPECT_GE(least, seconds(0));
  EXPECT_LT(least, seconds(1));
  EXPECT_GT(most, seconds(9));
  EXPECT_LE(most, seconds(10));
  EXPECT_LE(FirstDelay(seconds(2), 2, random), seconds(2)) << "never longer than the interval";
}

}  // namespace
}  // namespace acronis::poll
