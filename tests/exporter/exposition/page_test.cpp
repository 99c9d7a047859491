#include "exporter/exposition/page.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "tests/exporter/exposition/page_reader.h"
#include "tests/exporter/exposition/populated_page.h"
#include "tests/fakes/fake_collector.h"
#include "tests/fakes/sample_snapshot.h"

namespace acronis::exporter {
namespace {

TEST(MetricsPage, ShowsTheSnapshotItReturns) {
  fakes::FakeCollector collector(fakes::SampleSnapshot());
  const Instruments instruments({.accounts = {"emea"}});
  const MetricsPage page(collector, instruments, {});
  EXPECT_EQ(page.Render().snapshot->generation, 42U);
  EXPECT_EQ(ValueOf(page.Render().body, R"(acronis_up{account="emea"})"), "1");

  Snapshot next = fakes::SampleSnapshot();
  next.generation = 43;
  next.accounts[0].up = false;
  collector.Show(next);
  const RenderedPage rendered = page.Render();
  EXPECT_EQ(rendered.snapshot->generation, 43U);
  EXPECT_EQ(ValueOf(rendered.body, R"(acronis_up{account="emea"})"), "0");
}

TEST(MetricsPage, WorksBeforeThereIsAnything) {
  fakes::FakeCollector collector;
  const Instruments instruments({});
  EXPECT_FALSE(ReadPage(MetricsPage(collector, instruments, {}).Render().body).empty());
}

TEST(MetricsPage, SortsFamiliesByNameAndShowsEachOnce) {
  const std::vector<ReadFamily> families = ReadPage(PopulatedPage());
  for (std::size_t i = 1; i < families.size(); ++i) {
    EXPECT_LT(families[i - 1].name, families[i].name);
  }
}

std::vector<std::string> LabelValues(const ReadSample& sample) {
  std::vector<std::string> values;
  for (const auto& [name, value] : sample.labels) {
    if (name != "le") {
      values.push_back(value);
    }
  }
  return values;
}

TEST(MetricsPage, SortsSeriesByTheirLabelValues) {
  for (const ReadFamily& family : ReadPage(PopulatedPage())) {
    for (std::size_t i = 1; i < family.samples.size(); ++i) {
      EXPECT_LE(LabelValues(family.samples[i - 1]), LabelValues(family.samples[i])) << family.name;
    }
  }
}

TEST(MetricsPage, ShowsEverySeriesOnce) {
  std::set<std::pair<std::string, std::vector<std::pair<std::string, std::string>>>> seen;
  for (const ReadFamily& family : ReadPage(PopulatedPage())) {
    for (const ReadSample& sample : family.samples) {
      auto labels = sample.labels;
      std::ranges::sort(labels);
      EXPECT_TRUE(seen.insert({sample.name, labels}).second) << sample.name;
    }
  }
}

TEST(MetricsPage, HasHistogramsThatNeverDecrease) {
  for (const ReadFamily& family : ReadPage(PopulatedPage())) {
    if (family.type != "histogram") {
      continue;
    }
    double below = 0;
    double bound_below = 0;
    for (const ReadSample& sample : family.samples) {
      const double value = std::stod(sample.value);
      if (sample.name.ends_with("_bucket")) {
        const double bound = std::stod(sample.Label("le"));
        EXPECT_GE(value, below) << family.name;
        EXPECT_GT(bound, bound_below) << family.name;
        below = value;
        bound_below = bound;
      } else if (sample.name.ends_with("_count")) {
        EXPECT_EQ(value, below) << family.name;
        below = 0;
        bound_below = 0;
      }
    }
  }
}

TEST(MetricsPage, PassesPromtool) {
  ASSERT_EQ(std::system("command -v promtool >/dev/null"), 0)
      << "promtool is missing: install the Debian package prometheus";
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("page_test." + std::to_string(getpid()) + ".txt");
  std::ofstream(file) << PopulatedPage();
  const std::string report = file.string() + ".report";
  const int status = std::system(
      ("promtool check metrics <'" + file.string() + "' >'" + report + "' 2>&1").c_str());
  std::ifstream in(report);
  const std::string said{std::istreambuf_iterator<char>(in), {}};
  std::filesystem::remove(file);
  std::filesystem::remove(report);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(said, "");
}

}  // namespace
}  // namespace acronis::exporter
