#include "exporter/exposition/page.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <latch>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "tests/exporter/exposition/generated_snapshot.h"
#include "tests/exporter/exposition/gunzip.h"
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
  EXPECT_EQ(ValueOf(page.Render().body.Join(), R"(acronis_up{account="emea"})"), "1");

  Snapshot next = fakes::SampleSnapshot();
  next.generation = 43;
  next.accounts[0].up = false;
  collector.Show(next);
  const RenderedPage rendered = page.Render();
  EXPECT_EQ(rendered.snapshot->generation, 43U);
  EXPECT_EQ(ValueOf(rendered.body.Join(), R"(acronis_up{account="emea"})"), "0");
}

TEST(MetricsPage, WorksBeforeThereIsAnything) {
  fakes::FakeCollector collector;
  const Instruments instruments({});
  EXPECT_FALSE(ReadPage(MetricsPage(collector, instruments, {}).Render().body.Join()).empty());
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

constexpr std::string_view kOpenMetrics = "application/openmetrics-text";

/// Where pieces lie.
using Pieces = std::vector<std::pair<const char*, std::size_t>>;

/// Of the pieces of a body, those that are not written for each scrape.
Pieces KeptPieces(const RenderedPage& page) {
  Pieces kept;
  for (std::size_t i = 1; i + 1 < page.body.pieces.size(); ++i) {
    kept.emplace_back(page.body.pieces[i].text.data(), page.body.pieces[i].text.size());
  }
  return kept;
}

std::size_t Size(const Pieces& pieces) {
  std::size_t size = 0;
  for (const auto& [begin, length] : pieces) {
    size += length;
  }
  return size;
}

/// A page over a state that can be replaced.
class PageTest : public ::testing::Test {
 protected:
  RenderedPage Get(std::string_view accept = {}, std::string_view encoding = {},
                   std::vector<std::string> names = {}) const {
    return page_.Render({std::string(accept), std::string(encoding), std::move(names)});
  }
  /// What does not change from scrape to scrape.
  static std::string Still(const std::string& page) {
    std::istringstream lines(page);
    std::string still;
    for (std::string line; std::getline(lines, line);) {
      still += line.find("process_") == std::string::npos ? line + "\n" : "";
    }
    return still;
  }

  fakes::FakeCollector collector_{fakes::SampleSnapshot()};
  Instruments instruments_{InstrumentsOptions{.accounts = {"emea"}}};
  MetricsPage page_{collector_, instruments_, {}};
};

TEST_F(PageTest, NamesFormatAndEncoding) {
  EXPECT_EQ(Get().content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(Get().content_encoding, "");
  EXPECT_EQ(Get(kOpenMetrics, "gzip").content_type,
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_EQ(Get(kOpenMetrics, "gzip").content_encoding, "gzip");
}

TEST_F(PageTest, ShowsTheSameInEveryFormatAndEncoding) {
  const std::string text = Get().body.Join();
  const std::string open = Get(kOpenMetrics).body.Join();
  EXPECT_EQ(SampleSet(ReadPage(Still(text))), SampleSet(ReadOpenMetricsPage(Still(open))));
  EXPECT_EQ(Still(Gunzip(Get("", "gzip").body.Join())), Still(text));
  EXPECT_EQ(Still(Gunzip(Get(kOpenMetrics, "gzip").body.Join())), Still(open));
}

TEST_F(PageTest, ShowsGeneratedStatesTheSameInEveryFormatAndEncoding) {
  const std::uint64_t seed = std::random_device{}();
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 random(seed);
  for (int round = 0; round < 60; ++round) {
    collector_.Show(GeneratedSnapshot(random));
    const std::string text = Still(Get().body.Join());
    const std::string open = Still(Gunzip(Get(kOpenMetrics, "gzip").body.Join()));
    ASSERT_EQ(SampleSet(ReadPage(text)), SampleSet(ReadOpenMetricsPage(open)));
    ASSERT_EQ(Still(Gunzip(Get("", "gzip").body.Join())), text);
  }
}

TEST_F(PageTest, SortsFamiliesInEveryFormat) {
  for (const auto& families :
       {ReadPage(Get().body.Join()), ReadOpenMetricsPage(Get(kOpenMetrics).body.Join())}) {
    EXPECT_TRUE(std::ranges::is_sorted(families, {}, &ReadFamily::name));
  }
}

TEST_F(PageTest, SharesTheTaskFamiliesBetweenScrapesOfOneState) {
  for (const std::string_view accept : {std::string_view(), kOpenMetrics}) {
    for (const std::string_view encoding : {"", "gzip"}) {
      const auto first = KeptPieces(Get(accept, encoding));
      EXPECT_GT(first.size(), 0U);
      EXPECT_EQ(first, KeptPieces(Get(accept, encoding))) << accept << encoding;
    }
  }
}

TEST_F(PageTest, KeepsThemOverCommitsThatCountNothing) {
  const auto first = KeptPieces(Get());
  Snapshot next = *collector_.TakeSnapshot();
  ++next.generation;
  auto counts = std::make_shared<AccountCounts>(*next.accounts[0].counts);
  counts->books.received = 99;
  next.accounts[0].counts = counts;
  next.accounts[0].in_flight = std::make_shared<InFlightCounts>(*next.accounts[0].in_flight);
  next.accounts[0].up = false;
  collector_.Show(next);
  const RenderedPage page = Get();
  EXPECT_EQ(KeptPieces(page), first);
  EXPECT_EQ(page.snapshot->generation, next.generation);
  const std::string text = page.body.Join();
  EXPECT_EQ(ValueOf(text, R"(acronis_exporter_tasks_received_total{account="emea"})"), "99");
  EXPECT_EQ(ValueOf(text, R"(acronis_up{account="emea"})"), "0");
}

TEST_F(PageTest, ShowsEveryChangeOfTheTasks) {
  const auto change = [&](auto edit) {
    const std::string before = Get().body.Join();
    Snapshot next = *collector_.TakeSnapshot();
    edit(next.accounts.at(0));
    collector_.Show(next);
    return before != Get().body.Join();
  };
  EXPECT_TRUE(change([](AccountView& view) { view.in_flight = nullptr; }));
  EXPECT_TRUE(change([](AccountView& view) {
    auto counts = std::make_shared<AccountCounts>(*view.counts);
    auto queue = std::make_shared<QueueCounts>(*counts->queues.at("backup"));
    ++queue->completed[0];
    counts->queues["backup"] = queue;
    view.counts = counts;
  }));
  EXPECT_TRUE(change([](AccountView& view) {
    auto counts = std::make_shared<AccountCounts>(*view.counts);
    counts->account = "renamed";
    view.counts = counts;
  }));
}

TEST_F(PageTest, FreesWhatNobodyAsksForWithTheNextState) {
  const std::weak_ptr<const void> old_text = Get().body.pieces.at(1).owner;
  const std::weak_ptr<const void> old_gzip = Get("", "gzip").body.pieces.at(2).owner;
  EXPECT_FALSE(old_text.expired());
  EXPECT_FALSE(old_gzip.expired());
  std::mt19937_64 random(1);
  collector_.Show(GeneratedSnapshot(random));
  Get(kOpenMetrics, "gzip");
  EXPECT_TRUE(old_text.expired());
  EXPECT_TRUE(old_gzip.expired());
}

TEST_F(PageTest, KeepsNoPlainTextForThoseWhoTakeGzip) {
  const auto gzip = KeptPieces(Get("", "gzip"));
  EXPECT_LT(Size(gzip), Size(KeptPieces(Get())) / 2);
  EXPECT_EQ(gzip, KeptPieces(Get("", "gzip"))) << "plain text was asked for in between";
}

TEST_F(PageTest, RendersOnceForManyAtTheSameTime) {
  constexpr std::size_t kScrapes = 8;
  std::vector<Pieces> pieces(kScrapes);
  {
    std::latch ready(kScrapes);
    std::vector<std::jthread> threads;
    for (Pieces& kept : pieces) {
      threads.emplace_back([this, &ready, &kept] {
        ready.arrive_and_wait();
        kept = KeptPieces(Get(kOpenMetrics, "gzip"));
      });
    }
  }
  EXPECT_EQ(std::set(pieces.begin(), pieces.end()).size(), 1U);
}

struct FilterCase {
  std::string name;
  std::vector<std::string> names;
  std::vector<std::string> families;
};
class FilterTest : public PageTest, public ::testing::WithParamInterface<FilterCase> {};

TEST_P(FilterTest, ShowsTheNamedFamiliesWhole) {
  for (const std::string_view accept : {std::string_view(), kOpenMetrics}) {
    const bool open = !accept.empty();
    const auto read = open ? ReadOpenMetricsPage : ReadPage;
    const std::string page = Get(accept, "", GetParam().names).body.Join();
    EXPECT_EQ(Gunzip(Get(accept, "gzip", GetParam().names).body.Join()), page);
    std::vector<std::string> families;
    const auto samples = SampleSet(read(Get(accept).body.Join()));
    const std::set<std::string> whole(samples.begin(), samples.end());
    for (const ReadFamily& family : read(page)) {
      families.push_back(family.name + (open && family.type == "counter" ? "_total" : ""));
      for (const std::string& sample : SampleSet({family})) {
        EXPECT_TRUE(whole.contains(sample)) << sample;
      }
    }
    EXPECT_EQ(families, GetParam().families);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Names, FilterTest,
    ::testing::Values(
        FilterCase{"Gauge", {"acronis_up"}, {"acronis_up"}},
        FilterCase{"Counter", {"acronis_tasks_completed_total"}, {"acronis_tasks_completed_total"}},
        FilterCase{"CounterFamily", {"acronis_tasks_completed"}, {"acronis_tasks_completed_total"}},
        FilterCase{
            "Histogram", {"acronis_task_duration_seconds"}, {"acronis_task_duration_seconds"}},
        FilterCase{
            "Bucket", {"acronis_task_duration_seconds_bucket"}, {"acronis_task_duration_seconds"}},
        FilterCase{
            "InAnyOrder",
            {"acronis_up", "acronis_tasks_in_flight", "acronis_exporter_series", "acronis_up"},
            {"acronis_exporter_series", "acronis_tasks_in_flight", "acronis_up"}},
        FilterCase{"Prefix", {"acronis_", "acronis_u", "up"}, {}},
        FilterCase{"GaugeHasNoTotal", {"acronis_up_total"}, {}}, FilterCase{"EmptyName", {""}, {}}),
    [](const auto& instance) { return instance.param.name; });

TEST_F(PageTest, OfUnknownNamesIsEmpty) {
  EXPECT_EQ(Get("", "", {"nothing"}).body.Join(), "");
  EXPECT_EQ(Get(kOpenMetrics, "", {"nothing"}).body.Join(), "# EOF\n");
}

TEST(MetricsPage, TellsBeginningsThatAreStoredOrTheProcessHas) {
  Snapshot snapshot = fakes::SampleSnapshot();
  auto counts = std::make_shared<AccountCounts>(*snapshot.accounts[0].counts);
  counts->start = fakes::AtSecond(1'780'000'000);
  auto queue = std::make_shared<QueueCounts>(*fakes::BusyQueue());
  queue->born_at = fakes::AtSecond(1'785'000'000);
  counts->queues = {{"backup", queue}};
  snapshot.accounts[0].counts = counts;
  const fakes::FakeCollector collector(snapshot);
  Instruments instruments({.accounts = {"emea"}});
  MetricsOptions options;
  options.created_samples = true;
  const std::string page = MetricsPage(collector, instruments, options)
                               .Render({.accept = std::string(kOpenMetrics)})
                               .body.Join();
  ReadOpenMetricsPage(page);
  EXPECT_EQ(ValueOf(page, R"(acronis_tasks_completed_created{account="emea",queue="backup",)"
                          R"(state="completed",result_code="ok"})"),
            "1785000000");
  EXPECT_EQ(
      ValueOf(page, R"(acronis_task_duration_seconds_created{account="emea",queue="backup"})"),
      "1785000000");
  EXPECT_EQ(ValueOf(page, R"(acronis_exporter_tasks_received_created{account="emea"})"),
            "1780000000");
  EXPECT_EQ(ValueOf(page, R"(acronis_exporter_api_pages_created{account="emea"})"),
            ValueOf(page, "process_start_time_seconds"));
  EXPECT_FALSE(HasSeries(page, R"(acronis_exporter_tasks_received_created{account="apac"})"))
      << "it has not begun";
}

}  // namespace
}  // namespace acronis::exporter
