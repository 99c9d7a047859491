#include "exporter/commands/check_history.h"

#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/property/dice.h"

namespace acronis::exporter {
namespace {

using property::Dice;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr TimePoint kStart{hours(24 * 20000)};
const TaskSeries kFailed{"emea", "backup", "error"};

ExporterPicture Picture(std::uint64_t failed) {
  ExporterPicture picture;
  picture.store = "s1";
  picture.accounts = {"emea"};
  picture.totals = {{kFailed, failed}};
  return picture;
}

class CheckHistoryTest : public ::testing::Test {
 protected:
  WindowCounts Check(nanoseconds after, const ExporterPicture& picture) {
    return CountSince(history_, picture, hours(1), kStart + after);
  }
  std::uint64_t Failed(nanoseconds after, const ExporterPicture& picture) {
    return Check(after, picture).completed.at(kFailed);
  }

  CheckHistory history_;
};

TEST_F(CheckHistoryTest, CountsNothingAtFirst) {
  const WindowCounts counts = Check(minutes(0), Picture(1000));
  EXPECT_EQ(counts.completed.at(kFailed), 0U);
  EXPECT_EQ(counts.window, "the last 0s, since the first check");
}

TEST_F(CheckHistoryTest, CountsFromTheFirstCheckWhileThatIsTooYoung) {
  Check(minutes(0), Picture(1000));
  const WindowCounts counts = Check(minutes(23), Picture(1003));
  EXPECT_EQ(counts.completed.at(kFailed), 3U);
  EXPECT_EQ(counts.window, "the last 23m, since the first check");
}

TEST_F(CheckHistoryTest, CountsFromTheNewestCheckThatIsOldEnough) {
  Check(minutes(0), Picture(1000));
  Check(minutes(10), Picture(1003));
  Check(minutes(20), Picture(1007));
  const WindowCounts counts = Check(minutes(75), Picture(1020));
  EXPECT_EQ(counts.completed.at(kFailed), 17U);
  EXPECT_EQ(counts.window, "the last 1h5m");
}

TEST_F(CheckHistoryTest, CountsAWholeSeriesThatIsNew) {
  ExporterPicture before = Picture(5);
  before.totals = {};
  Check(minutes(0), before);
  EXPECT_EQ(Failed(minutes(5), Picture(2)), 2U);
}

TEST_F(CheckHistoryTest, TakesTheLastCompletionForAtLeastOne) {
  ExporterPicture picture = Picture(1000);
  picture.last_completion[kFailed] = ToUnixSeconds(kStart - minutes(59));
  EXPECT_EQ(Failed(minutes(0), picture), 1U);
  picture.totals[kFailed] = 1002;
  EXPECT_EQ(Failed(minutes(1), picture), 2U);
}

TEST_F(CheckHistoryTest, LeavesOutALastCompletionBeforeTheWindow) {
  ExporterPicture picture = Picture(1000);
  picture.last_completion[kFailed] = ToUnixSeconds(kStart - minutes(61));
  EXPECT_EQ(Failed(minutes(0), picture), 0U);
}

TEST_F(CheckHistoryTest, BeginsAnewWithAnotherStore) {
  Check(minutes(0), Picture(1000));
  ExporterPicture other = Picture(2000);
  other.store = "s2";
  const WindowCounts counts = Check(minutes(5), other);
  EXPECT_EQ(counts.completed.at(kFailed), 0U);
  EXPECT_EQ(counts.notes.size(), 1U);
  EXPECT_EQ(Check(minutes(6), other).window, "the last 1m, since counting began anew");
}

TEST_F(CheckHistoryTest, BeginsAnewWhenTotalsWentDown) {
  Check(minutes(0), Picture(1000));
  const WindowCounts counts = Check(minutes(5), Picture(999));
  EXPECT_EQ(counts.completed.at(kFailed), 0U);
  EXPECT_EQ(counts.notes.size(), 1U);
  EXPECT_EQ(Failed(minutes(10), Picture(1001)), 2U);
}

TEST_F(CheckHistoryTest, DoesNotTakeAnAccountThatIsGoneForAStepBack) {
  ExporterPicture both = Picture(10);
  both.accounts = {"apac", "emea"};
  both.totals[{"apac", "q", "ok"}] = 4;
  Check(minutes(0), both);
  EXPECT_EQ(Failed(minutes(5), Picture(12)), 2U);
}

TEST_F(CheckHistoryTest, DoesNotCountTheHistoryOfAnAccountThatIsNew) {
  Check(minutes(0), Picture(10));
  ExporterPicture both = Picture(12);
  both.accounts = {"apac", "emea"};
  both.totals[{"apac", "q", "error"}] = 400;
  EXPECT_EQ(Check(minutes(5), both).completed.at({"apac", "q", "error"}), 0U);
  both.totals[{"apac", "q", "error"}] = 401;
  EXPECT_EQ(Check(minutes(6), both).completed.at({"apac", "q", "error"}), 1U);
}

TEST_F(CheckHistoryTest, DoesNotRememberWhatIsBeforeTheEndOfTheCatchUp) {
  ExporterPicture early = Picture(10);
  early.caught_up = false;
  Check(minutes(0), early);
  EXPECT_TRUE(history_.seen.empty());
  EXPECT_EQ(Failed(minutes(1), Picture(5000)), 0U);
}

TEST_F(CheckHistoryTest, ForgetsWhatAClockThatWentBackLeftInTheFuture) {
  Check(hours(5), Picture(1000));
  EXPECT_EQ(Failed(minutes(0), Picture(1001)), 0U);
  EXPECT_EQ(history_.seen.size(), 1U);
}

/// An exporter that counts, restarts and loses its store, and a check that comes now and then; the
/// model remembers every total ever seen.
TEST(CheckHistoryProperty, WindowsAreDifferencesOfTotalsThatWereSeen) {
  const std::uint64_t seed = property::BaseSeed();
  std::cout << "TEST_SEED=" << seed << '\n';
  Dice dice(seed);
  for (int life = 0; life < 200; ++life) {
    const nanoseconds since = dice.Span(minutes(1), hours(2));
    CheckHistory history;
    std::vector<std::pair<TimePoint, std::uint64_t>> seen;
    ExporterPicture picture = Picture(static_cast<std::uint64_t>(dice.Number(0, 1000)));
    TimePoint now = kStart;
    for (int step = 0; step < 300; ++step) {
      now += dice.Span(seconds(1), minutes(5));
      picture.totals[kFailed] += static_cast<std::uint64_t>(dice.Number(0, 3));
      if (dice.Chance(1)) {
        picture = Picture(0);
        picture.store += std::to_string(step);
        seen.clear();
      }
      const std::string text = WriteHistory(history, "q");
      const Result<CheckHistory> read = ReadHistory(text, "q");
      ASSERT_TRUE(read) << text;
      ASSERT_EQ(*read, history);
      const WindowCounts counts = CountSince(history, picture, since, now);
      const auto begin = std::ranges::find(seen, now - counts.length,
                                           [](const auto& entry) { return entry.first; });
      const std::uint64_t total = picture.totals[kFailed];
      if (seen.empty()) {
        ASSERT_EQ(counts.completed.at(kFailed), 0U);
      } else {
        ASSERT_NE(begin, seen.end());
        ASSERT_EQ(counts.completed.at(kFailed), total - begin->second);
        const bool mature = now - seen.front().first >= since;
        ASSERT_EQ(counts.length >= since, mature);
        // Nothing that is kept further apart than a step of the window, and the gap of two checks.
        ASSERT_LE(counts.length, since + since / 60 + 2 * minutes(5));
      }
      seen.emplace_back(now, total);
      ASSERT_LE(history.seen.size(), 63U);
    }
  }
}

struct BadHistory {
  std::string name;
  std::string text;
};
class BadHistoryTest : public ::testing::TestWithParam<BadHistory> {};

TEST_P(BadHistoryTest, IsRefused) {
  EXPECT_FALSE(ReadHistory(GetParam().text, "q"));
}

std::string With(const std::string& seen, const std::string& question = "q") {
  return R"({"format":1,"question":")" + question + R"(","store":"s","anew":false,"seen":)" + seen +
         "}";
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadHistoryTest,
    ::testing::Values(
        BadHistory{"NoJson", "half of"}, BadHistory{"Array", "[]"}, BadHistory{"NoKeys", "{}"},
        BadHistory{"AnotherQuestion", With("[]", "p")},
        BadHistory{"AnotherFormat",
                   R"({"format":2,"question":"q","store":"s","anew":false,"seen":[]})"},
        BadHistory{"SeenIsNoArray", With("{}")}, BadHistory{"SeenHoldsNoObject", With("[1]")},
        BadHistory{"NoTotals", With(R"([{"time":1,"accounts":[]}])")},
        BadHistory{"ShortTotal", With(R"([{"time":1,"accounts":[],"totals":[["a","b",3]]}])")},
        BadHistory{"NegativeTotal",
                   With(R"([{"time":1,"accounts":[],"totals":[["a","b","c",-3]]}])")},
        BadHistory{"AccountIsNoText", With(R"([{"time":1,"accounts":[7],"totals":[]}])")},
        BadHistory{"OutOfOrder", With(R"([{"time":2,"accounts":[],"totals":[]},)"
                                      R"({"time":1,"accounts":[],"totals":[]}])")}),
    [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace acronis::exporter
