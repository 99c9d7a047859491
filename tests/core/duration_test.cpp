#include "plugin/core/duration.h"

#include <chrono>
#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace acronis {
namespace {

using std::chrono::nanoseconds;

struct Case {
  std::string name;
  std::string text;
  std::optional<nanoseconds> expected;
};
class ParseDurationTest : public ::testing::TestWithParam<Case> {};

TEST_P(ParseDurationTest, ReadsWhatPrometheusReads) {
  EXPECT_EQ(ParseDuration(GetParam().text), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ParseDurationTest,
    ::testing::Values(Case{"Zero", "0", nanoseconds(0)}, Case{"ZeroSeconds", "0s", nanoseconds(0)},
                      Case{"Seconds", "60s", std::chrono::seconds(60)},
                      Case{"Milliseconds", "500ms", std::chrono::milliseconds(500)},
                      Case{"Combined", "1h30m", std::chrono::minutes(90)},
                      Case{"MinutesAndMilliseconds", "1m5ms", std::chrono::milliseconds(60005)},
                      Case{"Days", "7d", std::chrono::hours(168)},
                      Case{"Weeks", "2w", std::chrono::hours(336)},
                      Case{"Year", "1y", std::chrono::hours(8760)}, Case{"Empty", "", std::nullopt},
                      Case{"NoUnit", "60", std::nullopt}, Case{"NoNumber", "s", std::nullopt},
                      Case{"WrongUnit", "1x", std::nullopt}, Case{"Micro", "1us", std::nullopt},
                      Case{"WrongOrder", "30m1h", std::nullopt},
                      Case{"Twice", "1h1h", std::nullopt}, Case{"Negative", "-1h", std::nullopt},
                      Case{"Fraction", "1.5h", std::nullopt}, Case{"Space", "1h 30m", std::nullopt},
                      Case{"Trailing", "1h30", std::nullopt}, Case{"TooLong", "293y", std::nullopt},
                      Case{"TooManyDigits", "99999999999999999999s", std::nullopt},
                      Case{"SumTooLong", "292y52w", std::nullopt}),
    [](const auto& instance) { return instance.param.name; });

TEST(DurationText, HasTwoUnitsAtMost) {
  using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): literals only.
  EXPECT_EQ(DurationText(1h), "1h");
  EXPECT_EQ(DurationText(23min + 4s), "23m4s");
  EXPECT_EQ(DurationText(25h + 1min + 1s), "1d1h");
  EXPECT_EQ(DurationText(3ms), "0s");
}

}  // namespace
}  // namespace acronis
