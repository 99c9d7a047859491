#include "plugin/core/time_format.h"

#include <chrono>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace acronis {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr TimePoint kElevenOClock{seconds(1587553200)};  // 2020-04-22T11:00:00Z

struct GoodTime {
  std::string name;
  std::string text;
  TimePoint time;
};

class ParseRfc3339Good : public ::testing::TestWithParam<GoodTime> {};

TEST_P(ParseRfc3339Good, ReadsItExactly) {
  EXPECT_EQ(ParseRfc3339(GetParam().text), GetParam().time);
}

INSTANTIATE_TEST_SUITE_P(
    Times, ParseRfc3339Good,
    ::testing::Values(
        GoodTime{"WholeSecond", "2020-04-22T11:00:00Z", kElevenOClock},
        GoodTime{"OneDigit", "2020-04-22T11:00:00.5Z", kElevenOClock + nanoseconds(500'000'000)},
        GoodTime{"EightDigits", "2020-04-22T11:00:00.40794126Z",
                 kElevenOClock + nanoseconds(407'941'260)},
        GoodTime{"NineDigits", "2020-04-22T11:00:00.000000001Z", kElevenOClock + nanoseconds(1)},
        GoodTime{"OffsetEast", "2020-04-22T13:00:00+02:00", kElevenOClock},
        GoodTime{"OffsetWest", "2020-04-22T05:30:00-05:30", kElevenOClock},
        GoodTime{"LowerCase", "2020-04-22t11:00:00z", kElevenOClock},
        GoodTime{"LeapSecond", "2020-04-22T10:59:60Z", kElevenOClock},
        GoodTime{"LeapDay", "1972-02-29T00:00:00Z", TimePoint(seconds(68169600))},
        GoodTime{"Earliest", "1970-01-01T00:00:00Z", TimePoint()}),
    [](const auto& instance) { return instance.param.name; });

class ParseRfc3339Bad : public ::testing::TestWithParam<std::string> {};

TEST_P(ParseRfc3339Bad, RefusesIt) {
  EXPECT_EQ(ParseRfc3339(GetParam()), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(
    Times, ParseRfc3339Bad,
    ::testing::Values("", "garbage", "2020-04-22", "2020-04-22T11:00:00", "2020-04-22 11:00:00Z",
                      "20200422T110000Z", "2020-4-2T1:2:3Z", "2020-04-22T11:00:00Zjunk",
                      "2020-04-22T11:00:00.Z", "2020-04-22T11:00:00.1234567890Z",
                      "2020-02-30T11:00:00Z", "2019-02-29T11:00:00Z", "2020-13-01T11:00:00Z",
                      "2020-00-01T11:00:00Z", "2020-04-00T11:00:00Z", "2020-04-22T24:00:00Z",
                      "2020-04-22T11:60:00Z", "2020-04-22T11:00:61Z", "2020-04-22T11:00:00+24:00",
                      "2020-04-22T11:00:00+02:60", "2020-04-22T11:00:00+0200",
                      "0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2262-01-01T00:00:00Z",
                      "9999-12-31T23:59:59Z", " 2020-04-22T11:00:00Z", "2020-04-22T11:00:00,5Z"));

TEST(ParseRfc3339, ReadsNoTwoTimesThatAreTooFarApartToBeCompared) {
  const auto earliest = ParseRfc3339("1970-01-01T00:00:00+23:59");
  const auto latest = ParseRfc3339("2261-12-31T23:59:60.999999999-23:59");
  ASSERT_TRUE(earliest && latest);
  EXPECT_GT(*latest - *earliest, std::chrono::years(291));
  EXPECT_LT(*earliest - *latest, -std::chrono::years(291));
}

TEST(FormatRfc3339, TrimsTheFractionAsTheApiDoes) {
  EXPECT_EQ(FormatRfc3339(kElevenOClock), "2020-04-22T11:00:00Z");
  EXPECT_EQ(FormatRfc3339(kElevenOClock + nanoseconds(407'941'260)),
            "2020-04-22T11:00:00.40794126Z");
  EXPECT_EQ(FormatRfc3339(kElevenOClock - nanoseconds(1)), "2020-04-22T10:59:59.999999999Z");
}

TEST(FormatRfc3339, IsReadBackToTheSameInstant) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<std::int64_t> instants(0, 9'214'646'399'999'999'999);
  for (int i = 0; i < 20'000; ++i) {
    const TimePoint time(nanoseconds(instants(random)));
    ASSERT_EQ(ParseRfc3339(FormatRfc3339(time)), time) << FormatRfc3339(time);
  }
}

class ParseDateGood : public ::testing::TestWithParam<GoodTime> {};

TEST_P(ParseDateGood, ReadsEveryDocumentedForm) {
  const auto date = ParseDate(GetParam().text);
  ASSERT_TRUE(date) << date.error().message;
  EXPECT_EQ(*date, GetParam().time);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, ParseDateGood,
    ::testing::Values(GoodTime{"Rfc3339", "2020-04-22T11:00:00Z", kElevenOClock},
                      GoodTime{"Rfc1123Gmt", "Wed, 22 Apr 2020 11:00:00 GMT", kElevenOClock},
                      GoodTime{"Rfc1123Utc", "Wed, 22 Apr 2020 11:00:00 UTC", kElevenOClock},
                      GoodTime{"Rfc850", "Wednesday, 22-Apr-20 11:00:00 UTC", kElevenOClock},
                      GoodTime{"AnsiC", "Wed Apr 22 11:00:00 2020", kElevenOClock},
                      GoodTime{"AnsiCPaddedDay", "Wed Apr  1 11:00:00 2020",
                               kElevenOClock - std::chrono::hours(21 * 24)},
                      GoodTime{"UnixSeconds", "1587553200", kElevenOClock},
                      GoodTime{"UnixNanoseconds", "1587553200000000001ns",
                               kElevenOClock + nanoseconds(1)}),
    [](const auto& instance) { return instance.param.name; });

class ParseDateBad : public ::testing::TestWithParam<std::string> {};

TEST_P(ParseDateBad, NamesTheTextAndEveryAcceptedForm) {
  const auto date = ParseDate(GetParam());
  ASSERT_FALSE(date);
  EXPECT_EQ(date.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_NE(date.error().message.find("'" + GetParam() + "'"), std::string::npos);
  for (const char* const form :
       {"RFC 3339", "RFC 1123", "RFC 850", "ANSI C", "Unix seconds", "ns"}) {
    EXPECT_NE(date.error().message.find(form), std::string::npos) << form;
  }
}

INSTANTIATE_TEST_SUITE_P(Forms, ParseDateBad,
                         ::testing::Values("", "yesterday", "22 Apr 2020", "1587553200000", "1e9",
                                           "99999999999999999999ns", "ns",
                                           "Wed, 22 Apr 2020 11:00:00 CET",
                                           "Wed, 31 Feb 2020 11:00:00 GMT"));

TEST(ParseHttpDate, ReadsTheThreeFormsOfHttpAndNothingElse) {
  EXPECT_EQ(ParseHttpDate("Wed, 22 Apr 2020 11:00:00 GMT"), kElevenOClock);
  EXPECT_EQ(ParseHttpDate("Wednesday, 22-Apr-20 11:00:00 GMT"), kElevenOClock);
  EXPECT_EQ(ParseHttpDate("Wed Apr 22 11:00:00 2020"), kElevenOClock);
  EXPECT_EQ(ParseHttpDate("1587553200"), std::nullopt);
}

}  // namespace
}  // namespace acronis
