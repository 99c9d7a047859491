#include "plugin/metrics/sample_list.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "exporter/exposition/text_writer.h"
#include "plugin/metrics/number.h"
#include "plugin/metrics/task_table.h"
#include "tests/exporter/exposition/generated_snapshot.h"
#include "tests/exporter/exposition/page_reader.h"

namespace acronis::metrics {
namespace {

void Write(const Snapshot& snapshot, FamilyWriter& writer) {
  const TaskTable table{MetricsOptions{}};
  table.WriteRest(snapshot, table.WriteTasks(snapshot.accounts, writer), writer);
}

std::string Spelled(double value) {
  std::string text;
  AppendNumber(text, value);
  return text;
}

/// A page has every digit of a count, a double those up to 2^53.
std::vector<exporter::ReadFamily> WithDoubles(std::vector<exporter::ReadFamily> families) {
  for (auto& family : families) {
    for (auto& sample : family.samples) {
      sample.value = Spelled(std::stod(sample.value));
    }
  }
  return families;
}

/// As the page's reader would see it.
std::vector<exporter::ReadFamily> AsRead(const Families& families) {
  std::vector<exporter::ReadFamily> read;
  for (const Family& family : families) {
    auto& copy = read.emplace_back();
    copy.name = family.name;
    for (const Sample& sample : family.samples) {
      copy.samples.push_back({sample.name, sample.labels, Spelled(sample.value)});
    }
  }
  return read;
}

TEST(SampleList, SaysWhatThePageSays) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 50; ++round) {
    const Snapshot snapshot = exporter::GeneratedSnapshot(random);
    exporter::TextWriter text;
    Write(snapshot, text);
    const exporter::PagePart part = text.Finish();
    SampleList list;
    Write(snapshot, list);
    EXPECT_EQ(list.Samples(), text.Samples());

    const auto expected = WithDoubles(exporter::ReadPage(exporter::MergeParts({&part})));
    const auto families = AsRead(list.Take());
    ASSERT_EQ(families.size(), expected.size());
    for (std::size_t i = 0; i < families.size(); ++i) {
      EXPECT_EQ(families[i].name, expected[i].name);
    }
    EXPECT_EQ(exporter::SampleSet(families), exporter::SampleSet(expected));
  }
}

TEST(SampleList, IsEmptyAfterItWasTaken) {
  SampleList list;
  list.Begin({"a", MetricType::kGauge, ""});
  EXPECT_TRUE(list.Take().empty());
  list.Begin({"a", MetricType::kGauge, ""});
  list.Sample({}, 1.5);
  EXPECT_EQ(list.Take(), (Families{{"a", MetricType::kGauge, {{"a", {}, 1.5}}}}));
  EXPECT_EQ(list.Samples(), 0U);
  EXPECT_TRUE(list.Take().empty());
}

TEST(Sample, KnowsItsLabels) {
  const Sample sample{"a", {{"queue", "backup"}, {"empty", ""}}, 0};
  EXPECT_EQ(sample.Label("queue"), "backup");
  EXPECT_EQ(sample.Label("empty"), "");
  EXPECT_EQ(sample.Label("que"), "");
}

}  // namespace
}  // namespace acronis::metrics
