#include "plugin/metrics/task_table.h"

#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "exporter/exposition/text_writer.h"
#include "tests/exporter/exposition/page_reader.h"
#include "tests/fakes/sample_snapshot.h"

namespace acronis::exporter {
namespace {

std::string Render(const Snapshot& snapshot, const MetricsOptions& options = {}) {
  TextWriter writer;
  const metrics::TaskTable table(options);
  table.WriteRest(snapshot, table.WriteTasks(snapshot.accounts, writer), writer);
  const PagePart part = writer.Finish();
  return MergeParts({&part});
}

Snapshot OneQueue(const std::shared_ptr<const QueueCounts>& queue) {
  auto counts = std::make_shared<AccountCounts>();
  counts->account = "a";
  counts->baseline_complete = true;
  counts->queues = {{"q", queue}};
  return {.generation = 1, .accounts = {AccountView{counts, true, true, nullptr}}};
}

TEST(TaskTable, LooksLikeTheGoldenPage) {
  std::ifstream file(std::string(SOURCE_ROOT) + "/tests/exporter/exposition/task_table.golden");
  const std::string golden{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(Render(fakes::SampleSnapshot()), golden);
}

TEST(TaskTable, ShowsEveryResultCodeOfAnIdleQueueAtZero) {
  const std::string page = Render(OneQueue(fakes::IdleQueue()));
  for (const ResultCode code : kResultCodes) {
    EXPECT_EQ(ValueOf(page, R"(acronis_tasks_completed_total{account="a",queue="q",)"
                            R"(state="completed",result_code=")" +
                                std::string(ToLabel(code)) + "\"}"),
              "0");
  }
}

TEST(TaskTable, ShowsBothHistogramsOfAnIdleQueueAtZero) {
  const std::string page = Render(OneQueue(fakes::IdleQueue()));
  for (const std::string name : {"duration", "queue_wait"}) {
    const std::string family = "acronis_task_" + name + "_seconds";
    EXPECT_EQ(ValueOf(page, family + R"(_bucket{account="a",queue="q",le="5.0"})"), "0");
    EXPECT_EQ(ValueOf(page, family + R"(_bucket{account="a",queue="q",le="+Inf"})"), "0");
    EXPECT_EQ(ValueOf(page, family + R"(_sum{account="a",queue="q"})"), "0");
    EXPECT_EQ(ValueOf(page, family + R"(_count{account="a",queue="q"})"), "0");
  }
}

TEST(TaskTable, AddsUpTheBuckets) {
  auto queue = std::make_shared<QueueCounts>();
  queue->duration.buckets = {1, 2, 4, 8};
  queue->duration.sum_us = 123'456'789;
  MetricsOptions options;
  options.duration_buckets = {0.5, 10, 100};
  const std::string page = Render(OneQueue(queue), options);
  const std::string name = "acronis_task_duration_seconds";
  EXPECT_EQ(ValueOf(page, name + R"(_bucket{account="a",queue="q",le="0.5"})"), "1");
  EXPECT_EQ(ValueOf(page, name + R"(_bucket{account="a",queue="q",le="10.0"})"), "3");
  EXPECT_EQ(ValueOf(page, name + R"(_bucket{account="a",queue="q",le="100.0"})"), "7");
  EXPECT_EQ(ValueOf(page, name + R"(_bucket{account="a",queue="q",le="+Inf"})"), "15");
  EXPECT_EQ(ValueOf(page, name + R"(_count{account="a",queue="q"})"), "15");
  EXPECT_EQ(ValueOf(page, name + R"(_sum{account="a",queue="q"})"), "123.456789");
}

TEST(TaskTable, TakesTheNewestCompletionWithASuccessCodeAsLastSuccess) {
  auto queue = std::make_shared<QueueCounts>();
  const auto set = [&](ResultCode code, std::int64_t second) {
    queue->last_completion[static_cast<std::size_t>(code)] = fakes::AtSecond(second);
  };
  set(ResultCode::kOk, 100);
  set(ResultCode::kWarning, 200);
  set(ResultCode::kError, 300);
  const std::string series =
      R"(acronis_tasks_last_success_timestamp_seconds{account="a",queue="q"})";
  EXPECT_EQ(ValueOf(Render(OneQueue(queue)), series), "200");

  MetricsOptions only_ok;
  only_ok.success_codes = {"ok"};
  EXPECT_EQ(ValueOf(Render(OneQueue(queue), only_ok), series), "100");

  MetricsOptions only_cancelled;
  only_cancelled.success_codes = {"cancelled"};
  EXPECT_FALSE(HasSeries(Render(OneQueue(queue), only_cancelled), series));
}

TEST(TaskTable, HidesTheWatermarkUntilTheBaselineIsComplete) {
  auto counts = std::make_shared<AccountCounts>();
  counts->account = "a";
  counts->watermark = fakes::AtSecond(100);
  const std::string series = R"(acronis_exporter_watermark_timestamp_seconds{account="a"})";
  EXPECT_FALSE(HasSeries(
      Render({.generation = 1, .accounts = {AccountView{counts, true, true, nullptr}}}), series));
  counts->baseline_complete = true;
  EXPECT_EQ(
      ValueOf(Render({.generation = 1, .accounts = {AccountView{counts, true, true, nullptr}}}),
              series),
      "100");
}

TEST(TaskTable, HidesTheInFlightGaugesWithoutAListing) {
  const std::string page = Render(OneQueue(fakes::BusyQueue()));
  EXPECT_EQ(page.find("acronis_tasks_in_flight{"), std::string::npos);
}

TEST(TaskTable, CountsTheSamplesItShowsPerAccountAndFamily) {
  const std::string page = Render(fakes::SampleSnapshot());
  std::map<std::pair<std::string, std::string>, std::size_t> seen;
  for (const ReadFamily& family : ReadPage(page)) {
    for (const ReadSample& sample : family.samples) {
      ++seen[{sample.Label("account"), family.name}];
    }
  }
  for (const std::string account : {"apac", "emea"}) {
    for (const std::string family :
         {"acronis_tasks_completed_total", "acronis_task_duration_seconds",
          "acronis_task_queue_wait_seconds", "acronis_tasks_last_completion_timestamp_seconds",
          "acronis_tasks_last_success_timestamp_seconds", "acronis_tasks_in_flight",
          "acronis_tasks_in_flight_oldest_timestamp_seconds"}) {
      const std::size_t samples = seen[{account, family}];
      EXPECT_EQ(ValueOf(page, "acronis_exporter_series{account=\"" + account + "\",family=\"" +
                                  family + "\"}"),
                std::to_string(samples));
    }
  }
}

TEST(TaskTable, ShowsNothingButTheStoreWithoutAccounts) {
  EXPECT_EQ(Render({}).find("account="), std::string::npos);
}

}  // namespace
}  // namespace acronis::exporter
