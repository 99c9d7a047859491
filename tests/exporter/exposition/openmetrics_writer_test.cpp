#include "exporter/exposition/openmetrics_writer.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace acronis::exporter {
namespace {

struct UnitCase {
  std::string name;
  FamilyInfo family;
  std::string unit;
};
class UnitTest : public ::testing::TestWithParam<UnitCase> {};

TEST_P(UnitTest, IsTheEndOfTheName) {
  EXPECT_EQ(UnitOf(GetParam().family), GetParam().unit);
}

INSTANTIATE_TEST_SUITE_P(
    Names, UnitTest,
    ::testing::Values(UnitCase{"Seconds", {"a_seconds", MetricType::kGauge, ""}, "seconds"},
                      UnitCase{"Bytes", {"a_bytes", MetricType::kGauge, ""}, "bytes"},
                      UnitCase{"Counter", {"a_bytes_total", MetricType::kCounter, ""}, "bytes"},
                      UnitCase{"GaugeTotal", {"a_bytes_total", MetricType::kGauge, ""}, ""},
                      UnitCase{"None", {"a_total", MetricType::kCounter, ""}, ""},
                      UnitCase{"NotAWord", {"megabytes", MetricType::kGauge, ""}, ""},
                      UnitCase{"NothingElse", {"bytes", MetricType::kGauge, ""}, ""}),
    [](const auto& instance) { return instance.param.name; });

TEST(OpenMetricsWriter, ListsCountersWithoutTotal) {
  OpenMetricsWriter writer;
  writer.Begin({"wait_seconds_total", MetricType::kCounter, "All \"waits\"\nof \\."});
  writer.Sample(std::array<Label, 1>{{{"queue", "a\"b\\c\nd"}}}, std::uint64_t{3});
  const PagePart part = writer.Finish();
  EXPECT_EQ(part.text,
            "# TYPE wait_seconds counter\n"
            "# UNIT wait_seconds seconds\n"
            "# HELP wait_seconds All \\\"waits\\\"\\nof \\\\.\n"
            "wait_seconds_total{queue=\"a\\\"b\\\\c\\nd\"} 3\n");
  ASSERT_EQ(part.families.size(), 1U);
  EXPECT_EQ(part.families[0].name, "wait_seconds");
  EXPECT_EQ(writer.EndOfPage(), "# EOF\n");
}

TEST(OpenMetricsWriter, SortsByTheNamesItLists) {
  OpenMetricsWriter writer;
  for (const FamilyInfo& family : {FamilyInfo{"a_total", MetricType::kCounter, ""},
                                   FamilyInfo{"a_b", MetricType::kGauge, ""}}) {
    writer.Begin(family);
    writer.Sample({}, 1.0);
  }
  const PagePart part = writer.Finish();
  EXPECT_EQ(part.families[0].name, "a");
  EXPECT_EQ(part.families[1].name, "a_b");
}

std::string WithBirths(PageWriter& writer) {
  writer.BornAt(1790000000.25);
  writer.Begin({"jobs_total", MetricType::kCounter, "h"});
  writer.Sample(std::array<Label, 1>{{{"q", "a"}}}, std::uint64_t{1});
  writer.BornAt(std::nullopt);
  writer.Sample(std::array<Label, 1>{{{"q", "b"}}}, 2.0);
  writer.BornAt(7);
  writer.Begin({"size", MetricType::kGauge, "h"});
  writer.Sample({}, 1.0);
  writer.Begin({"wait", MetricType::kHistogram, "h"});
  writer.Sample({}, Distribution{{}, std::array<std::uint64_t, 1>{4}, 1});
  return writer.Finish().text;
}

TEST(OpenMetricsWriter, TellsWhenCountersAndHistogramsBegan) {
  OpenMetricsWriter writer(true);
  EXPECT_EQ(WithBirths(writer),
            "# TYPE jobs counter\n# HELP jobs h\n"
            "jobs_total{q=\"a\"} 1\njobs_created{q=\"a\"} 1790000000.25\njobs_total{q=\"b\"} 2\n"
            "# TYPE size gauge\n# HELP size h\nsize 1\n"
            "# TYPE wait histogram\n# HELP wait h\n"
            "wait_bucket{le=\"+Inf\"} 4\nwait_sum 1\nwait_count 4\nwait_created 7\n");
  EXPECT_EQ(writer.Samples(), 6U) << "those that tell the beginning do not count";
}

TEST(OpenMetricsWriter, KeepsBeginningsToItselfByDefault) {
  OpenMetricsWriter writer;
  EXPECT_EQ(WithBirths(writer).find("_created"), std::string::npos);
}

}  // namespace
}  // namespace acronis::exporter
