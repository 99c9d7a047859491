#include "exporter/exposition/text_writer.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace acronis::exporter {
namespace {

std::string Number(double value) {
  std::string out;
  AppendNumber(out, value);
  return out;
}

struct NumberCase {
  std::string name;
  double value;
  std::string text;
};
class NumberTest : public ::testing::TestWithParam<NumberCase> {};

TEST_P(NumberTest, IsWrittenShortAndExact) {
  EXPECT_EQ(Number(GetParam().value), GetParam().text);
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();

INSTANTIATE_TEST_SUITE_P(
    Values, NumberTest,
    ::testing::Values(NumberCase{"Zero", 0, "0"}, NumberCase{"MinusZero", -0.0, "-0"},
                      NumberCase{"One", 1, "1"}, NumberCase{"Negative", -17, "-17"},
                      NumberCase{"Million", 1e6, "1000000"},
                      NumberCase{"Timestamp", 1790000000, "1790000000"},
                      NumberCase{"TimestampWithFraction", 1790000000.25, "1790000000.25"},
                      NumberCase{"LargestExact", 9007199254740992.0, "9007199254740992"},
                      NumberCase{"SmallestExact", -9007199254740992.0, "-9007199254740992"},
                      NumberCase{"Beyond", 1e22, "1e+22"}, NumberCase{"Tenth", 0.1, "0.1"},
                      NumberCase{"SumOfTenths", 0.1 + 0.2, "0.30000000000000004"},
                      NumberCase{"Tiny", 5e-324, "5e-324"},
                      NumberCase{"Largest", 1.7976931348623157e308, "1.7976931348623157e+308"},
                      NumberCase{"Infinity", kInfinity, "+Inf"},
                      NumberCase{"MinusInfinity", -kInfinity, "-Inf"},
                      NumberCase{"NotANumber", std::nan(""), "NaN"},
                      NumberCase{"MinusNotANumber", -std::nan(""), "NaN"}),
    [](const auto& instance) { return instance.param.name; });

TEST(Number, ReadsBackAsTheSameDouble) {
  const std::uint64_t seed = std::random_device{}();
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 random(seed);
  for (int i = 0; i < 100'000; ++i) {
    const auto value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) {
      continue;
    }
    const std::string text = Number(value);
    ASSERT_EQ(std::bit_cast<std::uint64_t>(std::strtod(text.c_str(), nullptr)),
              std::bit_cast<std::uint64_t>(value))
        << text;
  }
}

TEST(Number, OfAnIntegerHasNoExponentUpTo2To53) {
  const std::uint64_t seed = std::random_device{}();
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 random(seed);
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t value = random() >> (11 + random() % 50);
    ASSERT_EQ(Number(static_cast<double>(value)), std::to_string(value));
  }
}

struct BoundCase {
  std::string name;
  double bound;
  std::string text;
};
class BoundTest : public ::testing::TestWithParam<BoundCase> {};

TEST_P(BoundTest, IsACanonicalFloat) {
  std::string out = "x.e";  // What stands before must not matter.
  AppendBound(out, GetParam().bound);
  EXPECT_EQ(out, "x.e" + GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(Values, BoundTest,
                         ::testing::Values(BoundCase{"Five", 5, "5.0"}, BoundCase{"Zero", 0, "0.0"},
                                           BoundCase{"Quarter", 0.25, "0.25"},
                                           BoundCase{"Milli", 0.001, "0.001"},
                                           BoundCase{"Small", 1e-5, "1e-05"},
                                           BoundCase{"TwoDays", 172800, "172800.0"},
                                           BoundCase{"Million", 1e6, "1e+06"},
                                           BoundCase{"SevenDigits", 1234567, "1.234567e+06"},
                                           BoundCase{"Infinity", kInfinity, "+Inf"}),
                         [](const auto& instance) { return instance.param.name; });

struct EscapeCase {
  std::string name;
  std::string raw;
  std::string label;
  std::string help;
};
class EscapeTest : public ::testing::TestWithParam<EscapeCase> {};

TEST_P(EscapeTest, KeepsTheLineWhole) {
  std::string label;
  AppendLabelValue(label, GetParam().raw);
  EXPECT_EQ(label, GetParam().label);
  std::string help;
  AppendHelp(help, GetParam().raw);
  EXPECT_EQ(help, GetParam().help);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, EscapeTest,
    ::testing::Values(EscapeCase{"Plain", "backup", "backup", "backup"},
                      EscapeCase{"Empty", "", "", ""},
                      EscapeCase{"Quote", R"(a"b)", R"(a\"b)", R"(a"b)"},
                      EscapeCase{"Backslash", R"(a\b)", R"(a\\b)", R"(a\\b)"},
                      EscapeCase{"BackslashAtTheEnd", R"(a\)", R"(a\\)", R"(a\\)"},
                      EscapeCase{"LineFeed", "a\nb", R"(a\nb)", R"(a\nb)"},
                      EscapeCase{"LiteralBackslashN", R"(a\nb)", R"(a\\nb)", R"(a\\nb)"},
                      EscapeCase{"AllInARow", "\\\"\n", R"(\\\"\n)", R"(\\"\n)"},
                      EscapeCase{"CarriageReturnAndTab", "a\r\tb", "a\r\tb", "a\r\tb"},
                      EscapeCase{"Utf8", "größe 備份 🙂", "größe 備份 🙂",
                                 "größe 備份 🙂"},
                      EscapeCase{"Braces", "{a=b,c}", "{a=b,c}", "{a=b,c}"}),
    [](const auto& instance) { return instance.param.name; });

TEST(TextWriter, WritesAFamilyWithItsSamples) {
  TextWriter writer;
  writer.Begin({"jobs_total", MetricType::kCounter, "All\njobs."});
  writer.Sample(std::array<Label, 2>{{{"queue", "a\"b"}, {"code", "ok"}}}, std::uint64_t{3});
  writer.Sample({}, 0.5);
  EXPECT_EQ(writer.Samples(), 2U);
  EXPECT_EQ(writer.Finish().text,
            "# HELP jobs_total All\\njobs.\n"
            "# TYPE jobs_total counter\n"
            "jobs_total{queue=\"a\\\"b\",code=\"ok\"} 3\n"
            "jobs_total 0.5\n");
}

TEST(TextWriter, WritesCountsBeyondTheRangeOfDoubles) {
  TextWriter writer;
  writer.Begin({"jobs_total", MetricType::kCounter, "Jobs."});
  writer.Sample({}, std::numeric_limits<std::uint64_t>::max());
  EXPECT_TRUE(writer.Finish().text.ends_with("\njobs_total 18446744073709551615\n"));
}

TEST(TextWriter, WritesAHistogramAsBucketsSumAndCount) {
  TextWriter writer;
  writer.Begin({"wait_seconds", MetricType::kHistogram, "Wait."});
  const std::array<double, 2> bounds{0.5, 60};
  const std::array<std::uint64_t, 3> cumulative{1, 1, 4};
  writer.Sample(std::array<Label, 1>{{{"queue", "q"}}}, Distribution{bounds, cumulative, 90.25});
  EXPECT_EQ(writer.Finish().text,
            "# HELP wait_seconds Wait.\n"
            "# TYPE wait_seconds histogram\n"
            "wait_seconds_bucket{queue=\"q\",le=\"0.5\"} 1\n"
            "wait_seconds_bucket{queue=\"q\",le=\"60.0\"} 1\n"
            "wait_seconds_bucket{queue=\"q\",le=\"+Inf\"} 4\n"
            "wait_seconds_sum{queue=\"q\"} 90.25\n"
            "wait_seconds_count{queue=\"q\"} 4\n");
}

TEST(TextWriter, LeavesNoTraceOfAFamilyWithoutSamples) {
  TextWriter writer;
  writer.Begin({"jobs_total", MetricType::kCounter, "Jobs."});
  const PagePart part = writer.Finish();
  EXPECT_EQ(part.text, "");
  EXPECT_TRUE(part.families.empty());
}

TEST(TextWriter, StartsAnewAfterFinish) {
  TextWriter writer;
  writer.Begin({"a", MetricType::kGauge, "A."});
  writer.Sample({}, 1.0);
  EXPECT_FALSE(writer.Finish().text.empty());
  writer.Begin({"b", MetricType::kGauge, "B."});
  writer.Sample({}, 2.0);
  EXPECT_EQ(writer.Finish().text, "# HELP b B.\n# TYPE b gauge\nb 2\n");
}

PagePart PartOf(std::initializer_list<std::string> names) {
  TextWriter writer;
  for (const std::string& name : names) {
    writer.Begin({name, MetricType::kGauge, "h"});
    writer.Sample({}, 1.0);
  }
  return writer.Finish();
}

TEST(MergeParts, SortsTheFamiliesOfAllParts) {
  const PagePart first = PartOf({"d", "a_b"});
  const PagePart second = PartOf({"c", "a", "e"});
  std::string expected;
  for (const char* name : {"a", "a_b", "c", "d", "e"}) {
    expected += PartOf({name}).text;
  }
  EXPECT_EQ(MergeParts({&first, &second}), expected);
}

}  // namespace
}  // namespace acronis::exporter
