#include "exporter/commands/pulse_check.h"

#include <chrono>

#include <gtest/gtest.h>

namespace acronis::exporter {
namespace {

using std::chrono::seconds;

constexpr MonotonicTime kStart{};

TEST(PulseCheck, FindsWhoHasNotMovedForLongerThanItsPatience) {
  PulseCheck check(seconds(10));
  EXPECT_EQ(check.Stuck({{"a", 1}, {"b", 1}}, kStart), 0U);
  EXPECT_EQ(check.Stuck({{"a", 1}, {"b", 2}}, kStart + seconds(10)), 0U);
  EXPECT_EQ(check.Stuck({{"a", 1}, {"b", 2}}, kStart + seconds(11)), 1U);
  EXPECT_EQ(check.Stuck({{"a", 1}, {"b", 2}}, kStart + seconds(21)), 2U);
  EXPECT_EQ(check.Stuck({{"a", 2}, {"b", 2}}, kStart + seconds(22)), 1U);
}

TEST(PulseCheck, ForgetsWhoIsNotPolledAnyMore) {
  PulseCheck check(seconds(10));
  check.Stuck({{"a", 1}}, kStart);
  EXPECT_EQ(check.Stuck({}, kStart + seconds(20)), 0U);
  EXPECT_EQ(check.Stuck({{"a", 1}}, kStart + seconds(30)), 0U);
}

TEST(PulseCheck, WaitsLongerWhenItIsToldTo) {
  PulseCheck check(seconds(10));
  check.Stuck({{"a", 1}}, kStart);
  check.SetPatience(seconds(60));
  EXPECT_EQ(check.Stuck({{"a", 1}}, kStart + seconds(60)), 0U);
  EXPECT_EQ(check.Stuck({{"a", 1}}, kStart + seconds(61)), 1U);
}

}  // namespace
}  // namespace acronis::exporter
