#include "exporter/commands/nagios_range.h"

#include <string>

#include <gtest/gtest.h>

namespace acronis::exporter {
namespace {

struct RangeCase {
  std::string name;
  std::string text;
  std::string alerts;  ///< For -1, 0, 9, 10, 15, 20, 21: `!` or `.`.
};
class NagiosRangeTest : public ::testing::TestWithParam<RangeCase> {};

TEST_P(NagiosRangeTest, AlertsAsThePluginsDo) {
  const auto range = ParseNagiosRange(GetParam().text);
  ASSERT_TRUE(range);
  std::string alerts;
  for (const double value : {-1, 0, 9, 10, 15, 20, 21}) {
    alerts += range->Alerts(value) ? '!' : '.';
  }
  EXPECT_EQ(alerts, GetParam().alerts);
  EXPECT_EQ(range->text, GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(Ranges, NagiosRangeTest,
                         ::testing::Values(RangeCase{"Zero", "0", "!.!!!!!"},
                                           RangeCase{"UpTo", "10", "!...!!!"},
                                           RangeCase{"From", "10:", "!!!...."},
                                           RangeCase{"Below", "~:10", "....!!!"},
                                           RangeCase{"Between", "10:20", "!!!...!"},
                                           RangeCase{"Inside", "@10:20", "...!!!."},
                                           RangeCase{"InsideUpTo", "@10", ".!!!..."},
                                           RangeCase{"NoLowEnd", ":10", "!...!!!"},
                                           RangeCase{"Everything", "~:", "......."},
                                           RangeCase{"Fraction", "9.5:20.5", "!!!...!"},
                                           RangeCase{"Negative", "-1:0", "..!!!!!"}),
                         [](const auto& instance) { return instance.param.name; });

class BadRangeTest : public ::testing::TestWithParam<std::string> {};

TEST_P(BadRangeTest, IsRefused) {
  EXPECT_FALSE(ParseNagiosRange(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Ranges, BadRangeTest,
                         ::testing::Values("", "@", ":", "@:", "~", "x", "10:x", "x:10", "20:10",
                                           "1:2:3", "10:~", "1e3", "inf", " 10", "10 ", "0x10",
                                           "--1", "1.2.3", "@@10"));

TEST(NagiosRange, KnowsWhetherMoreWouldAlertToo) {
  EXPECT_TRUE(ParseNagiosRange("10")->AlertsFrom(11));
  EXPECT_FALSE(ParseNagiosRange("10")->AlertsFrom(10));
  EXPECT_FALSE(ParseNagiosRange("10:")->AlertsFrom(3));
  EXPECT_FALSE(ParseNagiosRange("@10:20")->AlertsFrom(15));
}

}  // namespace
}  // namespace acronis::exporter
