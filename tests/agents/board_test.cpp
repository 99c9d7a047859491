#include "plugin/agents/formats/board.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "plugin/metrics/sample_list.h"
#include "plugin/metrics/task_table.h"
#include "tests/fakes/sample_snapshot.h"

namespace acronis::agents {
namespace {

using metrics::Family;
using metrics::MetricType;
using Key = std::tuple<std::string, std::string, std::string, std::string>;

std::map<Key, double> ByName(const std::vector<Value>& board) {
  std::map<Key, double> values;
  for (const Value& value : board) {
    const bool is_new =
        values.emplace(Key(value.topic.name, value.account, value.queue, value.detail), value.value)
            .second;
    EXPECT_TRUE(is_new) << value.topic.name << " " << value.detail;
  }
  return values;
}

Family Completed(std::initializer_list<std::pair<const char*, double>> codes) {
  Family family{"acronis_tasks_completed_total", MetricType::kCounter, {}};
  for (const auto& [code, tasks] : codes) {
    family.samples.push_back(
        {family.name,
         {{"account", "emea"}, {"queue", "backup"}, {"state", "completed"}, {"result_code", code}},
         tasks});
  }
  return family;
}

TEST(Board, AddsUpWhatFailed) {
  const metrics::Families page{
      Completed({{"error", 3}, {"ok", 5}, {"timedout", 4}, {"warning", 2}})};
  auto values = ByName(MakeBoard(page, {}));
  EXPECT_EQ((values[{"failed", "emea", "backup", ""}]), 7);
  EXPECT_EQ((values[{"completed", "emea", "backup", "ok"}]), 5);
  values = ByName(MakeBoard(page, {.success_codes = {"ok"}}));
  EXPECT_EQ((values[{"failed", "emea", "backup", ""}]), 9);
}

TEST(Board, HasAFailureCountOfZeroWhereNothingFailed) {
  const auto values = ByName(MakeBoard({Completed({{"ok", 5}})}, {}));
  EXPECT_EQ(values.at({"failed", "emea", "backup", ""}), 0);
}

TEST(Board, TurnsTimesIntoAges) {
  const TimePoint now{std::chrono::seconds(1000)};
  const metrics::Families page{
      {"acronis_exporter_watermark_timestamp_seconds",
       MetricType::kGauge,
       {{"", {{"account", "emea"}}, 990.5}}},
      {"acronis_tasks_in_flight_oldest_timestamp_seconds",
       MetricType::kGauge,
       {{"", {{"account", "emea"}, {"queue", "q"}, {"state", "paused"}}, 400},
        {"", {{"account", "emea"}, {"queue", "q"}, {"state", "started"}}, 700}}},
      {"acronis_tasks_last_success_timestamp_seconds",
       MetricType::kGauge,
       {{"", {{"account", "emea"}, {"queue", "q"}}, 1001}}}};
  const auto values = ByName(MakeBoard(page, {.now = now}));
  EXPECT_EQ(values.at({"age", "emea", "", "watermark"}), 9.5);
  EXPECT_EQ(values.at({"age", "emea", "q", "oldest_in_flight"}), 600) << "of all states";
  EXPECT_EQ(values.at({"age", "emea", "q", "last_success"}), 0) << "never below 0";
}

TEST(Board, SaysWhatTheSnapshotSays) {
  const Snapshot snapshot = fakes::SampleSnapshot();
  metrics::SampleList list;
  const metrics::TaskTable table{MetricsOptions{}};
  table.WriteRest(snapshot, table.WriteTasks(snapshot.accounts, list), list);
  const auto values = ByName(MakeBoard(list.Take(), {}));
  std::size_t completed = 0;
  for (const AccountView& view : snapshot.accounts) {
    const std::string& account = view.counts->account;
    EXPECT_EQ(values.at({"up", account, "", ""}), view.up ? 1 : 0);
    EXPECT_EQ(values.at({"processed", account, "", "counted"}),
              static_cast<double>(view.counts->books.counted));
    for (const auto& [queue, counts] : view.counts->queues) {
      for (const ResultCode code : kResultCodes) {
        EXPECT_EQ(values.at({"completed", account, queue, std::string(ToLabel(code))}),
                  static_cast<double>(counts->completed[static_cast<std::size_t>(code)]));
        ++completed;
      }
    }
  }
  EXPECT_GT(completed, 0U);
  EXPECT_EQ(completed, static_cast<std::size_t>(std::ranges::count_if(values, [](const auto& v) {
              return std::get<0>(v.first) == "completed";
            })));
}

TEST(Board, KeepsValuesOfOneChartTogether) {
  const Snapshot snapshot = fakes::SampleSnapshot();
  metrics::SampleList list;
  const metrics::TaskTable table{MetricsOptions{}};
  table.WriteTasks(snapshot.accounts, list);
  const auto board = MakeBoard(list.Take(), {});
  std::set<std::tuple<std::string, std::string, std::string>> ended;
  std::tuple<std::string, std::string, std::string> last;
  for (const Value& value : board) {
    const std::tuple chart(value.account, value.queue, std::string(value.topic.name));
    if (chart != last) {
      EXPECT_TRUE(ended.insert(chart).second);
      last = chart;
    }
  }
  EXPECT_GT(ended.size(), 1U);
}

}  // namespace
}  // namespace acronis::agents
