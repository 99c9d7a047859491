#include "plugin/metrics/task_table.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "plugin/core/clock.h"
#include "plugin/core/counts.h"
#include "plugin/core/task.h"
#include "plugin/metrics/task_families.h"

namespace acronis::metrics {
namespace {

/// The result codes in the order of their labels.
constexpr std::array kSortedCodes = {
    ResultCode::kAbandoned, ResultCode::kCancelled, ResultCode::kError,   ResultCode::kOk,
    ResultCode::kTimedOut,  ResultCode::kUnknown,   ResultCode::kWarning,
};
static_assert(kSortedCodes.size() == kResultCodeCount);

/// Positions in kInFlightStates, in the order of the labels: assigned, enqueued, paused, started.
constexpr std::array<std::size_t, kInFlightStates.size()> kSortedStates = {1, 0, 3, 2};

constexpr double kMicrosecondsPerSecond = 1e6;

std::size_t Index(ResultCode code) {
  return static_cast<std::size_t>(code);
}

/// One pass over the accounts of one snapshot.
class Pass {
 public:
  Pass(std::span<const AccountView> accounts, const MetricsOptions& options, std::uint32_t success,
       FamilyWriter& out)
      : options_(options), success_(success), out_(out) {
    for (const AccountView& view : accounts) {
      accounts_.push_back(&view);
    }
    std::ranges::sort(accounts_, {}, [](const AccountView* view) {
      return std::string_view(view->counts->account);
    });
  }

  /// In the order of the names of the families.
  std::vector<SeriesCount> WriteTasks();
  void WriteBooks();
  void WriteState();
  void WriteStore(const StoreView& store);
  void WriteSeries(std::vector<SeriesCount> series);

 private:
  template <typename WriteAccount>
  void EachAccount(const FamilyInfo& family, WriteAccount write) {
    out_.Begin(family);
    for (const AccountView* view : accounts_) {
      const std::optional<TimePoint>& start = view->counts->start;
      out_.BornAt(start ? std::optional(ToUnixSeconds(*start)) : std::nullopt);
      write(*view);
    }
  }

  template <typename WriteQueue>
  void EachQueue(const FamilyInfo& family, WriteQueue write) {
    EachAccount(family, [&](const AccountView& view) {
      const std::uint64_t before = out_.Samples();
      for (const auto& [queue, counts] : view.counts->queues) {
        out_.BornAt(ToUnixSeconds(counts->born_at));
        write({"account", view.counts->account}, {"queue", queue}, *counts);
      }
      series_.push_back({view.counts->account, family.name, out_.Samples() - before});
    });
  }

  /// Calls `write` with labels and count of each queue and state of the last listing, if any.
  template <typename WriteState>
  static void EachState(const AccountView& view, WriteState write) {
    if (!view.in_flight) {
      return;
    }
    for (const auto& [queue, states] : *view.in_flight) {
      for (const std::size_t state : kSortedStates) {
        write(std::array<Label, 3>{{{"account", view.counts->account},
                                    {"queue", queue},
                                    {"state", kInFlightStates[state]}}},
              states[state]);
      }
    }
  }

  template <typename WriteState>
  void EachInFlight(const FamilyInfo& family, WriteState write) {
    EachAccount(family, [&](const AccountView& view) {
      const std::uint64_t before = out_.Samples();
      EachState(view, write);
      series_.push_back({view.counts->account, family.name, out_.Samples() - before});
    });
  }

  void WriteOne(const FamilyInfo& family, std::uint64_t (*value)(const AccountView&)) {
    EachAccount(family, [&](const AccountView& view) {
      out_.Sample(std::array<Label, 1>{{{"account", view.counts->account}}}, value(view));
    });
  }

  /// A family with one more label, whose values are members of the books.
  void WriteSplit(
      const FamilyInfo& family, std::string_view label,
      std::initializer_list<std::pair<std::string_view, std::uint64_t Books::*>> values) {
    EachAccount(family, [&](const AccountView& view) {
      for (const auto& [value, member] : values) {
        out_.Sample(std::array<Label, 2>{{{"account", view.counts->account}, {label, value}}},
                    view.counts->books.*member);
      }
    });
  }

  /// One sample, if the time is known.
  void SampleTime(LabelSpan labels, const std::optional<TimePoint>& time) {
    if (time) {
      out_.Sample(labels, ToUnixSeconds(*time));
    }
  }

  std::optional<TimePoint> LastSuccess(const QueueCounts& counts) const;

  void WriteCompletions();
  void WriteLastCompletions();
  void WriteLastSuccesses();
  void WriteHistogram(const FamilyInfo& family, const std::vector<double>& bounds,
                      Histogram QueueCounts::*member);
  void WriteInFlight();

  const MetricsOptions& options_;
  std::uint32_t success_;
  FamilyWriter& out_;
  std::vector<const AccountView*> accounts_;  // By name.
  std::vector<SeriesCount> series_;
};

std::vector<SeriesCount> Pass::WriteTasks() {
  WriteHistogram(task_families::kDuration, options_.duration_buckets, &QueueCounts::duration);
  WriteHistogram(task_families::kQueueWait, options_.queue_wait_buckets, &QueueCounts::queue_wait);
  WriteCompletions();
  WriteInFlight();
  WriteLastCompletions();
  WriteLastSuccesses();
  return std::move(series_);
}

void Pass::WriteCompletions() {
  EachQueue(task_families::kCompleted, [&](Label account, Label queue, const QueueCounts& counts) {
    for (const ResultCode code : kSortedCodes) {
      out_.Sample(
          std::array<Label, 4>{
              {account, queue, {"state", kCompletedState}, {"result_code", ToLabel(code)}}},
          counts.completed[Index(code)]);
    }
  });
}

void Pass::WriteHistogram(const FamilyInfo& family, const std::vector<double>& bounds,
                          Histogram QueueCounts::*member) {
  std::vector<std::uint64_t> cumulative(bounds.size() + 1);
  EachQueue(family, [&](Label account, Label queue, const QueueCounts& counts) {
    const Histogram& histogram = counts.*member;
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < cumulative.size(); ++i) {
      // A queue without an observation may have no buckets yet.
      total += i < histogram.buckets.size() ? histogram.buckets[i] : 0;
      cumulative[i] = total;
    }
    out_.Sample(std::array<Label, 2>{account, queue},
                Distribution{bounds, cumulative,
                             static_cast<double>(histogram.sum_us) / kMicrosecondsPerSecond});
  });
}

void Pass::WriteLastCompletions() {
  EachQueue(task_families::kLastCompletion,
            [&](Label account, Label queue, const QueueCounts& counts) {
              for (const ResultCode code : kSortedCodes) {
                SampleTime(std::array<Label, 3>{{account, queue, {"result_code", ToLabel(code)}}},
                           counts.last_completion[Index(code)]);
              }
            });
}

std::optional<TimePoint> Pass::LastSuccess(const QueueCounts& counts) const {
  std::optional<TimePoint> last;
  for (const ResultCode code : kSortedCodes) {
    if (((success_ >> Index(code)) & 1U) != 0) {
      last = std::max(last, counts.last_completion[Index(code)]);
    }
  }
  return last;
}

void Pass::WriteLastSuccesses() {
  EachQueue(task_families::kLastSuccess,
            [&](Label account, Label queue, const QueueCounts& counts) {
              SampleTime(std::array<Label, 2>{account, queue}, LastSuccess(counts));
            });
}

void Pass::WriteInFlight() {
  EachInFlight(task_families::kInFlight, [&](LabelSpan labels, const InFlightCount& count) {
    out_.Sample(labels, count.tasks);
  });
  EachInFlight(task_families::kInFlightOldest, [&](LabelSpan labels, const InFlightCount& count) {
    SampleTime(labels, count.oldest_enqueued_at);
  });
}

void Pass::WriteBooks() {
  WriteOne(task_families::kReceived,
           [](const AccountView& view) { return view.counts->books.received; });
  WriteOne(task_families::kLate, [](const AccountView& view) { return view.counts->books.late; });
  EachAccount(task_families::kDataGap, [&](const AccountView& view) {
    out_.Sample(std::array<Label, 1>{{{"account", view.counts->account}}},
                std::chrono::duration<double>(view.counts->data_gap).count());
  });
  WriteOne(task_families::kDedupeEntries,
           [](const AccountView& view) { return view.counts->dedupe_entries; });

  WriteSplit(task_families::kProcessed, "outcome",
             {{"counted", &Books::counted},
              {"discarded_late", &Books::discarded_late},
              {"duplicate", &Books::duplicate},
              {"invalid", &Books::invalid}});
  WriteSplit(
      task_families::kChanged, "what",
      {{"completion_time", &Books::changed_completion_time}, {"result", &Books::changed_result}});
}

void Pass::WriteState() {
  WriteOne(task_families::kUp,
           [](const AccountView& view) -> std::uint64_t { return view.up ? 1 : 0; });
  WriteOne(task_families::kInFlightComplete, [](const AccountView& view) -> std::uint64_t {
    return view.in_flight_complete ? 1 : 0;
  });
  EachAccount(task_families::kWatermark, [&](const AccountView& view) {
    if (view.counts->baseline_complete) {
      SampleTime(std::array<Label, 1>{{{"account", view.counts->account}}}, view.counts->watermark);
    }
  });
}

void Pass::WriteStore(const StoreView& store) {
  out_.Begin(task_families::kStoreInfo);
  out_.Sample(std::array<Label, 2>{{{"store_id", store.id}, {"engine", store.engine}}},
              std::uint64_t{1});
  out_.Begin(task_families::kStoreSize);
  out_.Sample({}, store.size_bytes);
  out_.Begin(task_families::kSeriesLimit);
  out_.Sample({}, options_.series_limit);
}

void Pass::WriteSeries(std::vector<SeriesCount> series) {
  std::ranges::sort(series, {}, [](const SeriesCount& count) {
    return std::pair(std::string_view(count.account), count.family);
  });
  out_.Begin(task_families::kSeries);
  for (const SeriesCount& count : series) {
    out_.Sample(std::array<Label, 2>{{{"account", count.account}, {"family", count.family}}},
                count.samples);
  }
}

bool ShowsSameTasks(const AccountView& a, const AccountView& b) {
  const bool same_counts = a.counts == b.counts || (a.counts->account == b.counts->account &&
                                                    a.counts->queues == b.counts->queues);
  const bool same_listing =
      a.in_flight == b.in_flight || (a.in_flight && b.in_flight && *a.in_flight == *b.in_flight);
  return same_counts && same_listing;
}

}  // namespace

TaskTable::TaskTable(MetricsOptions options) : options_(std::move(options)) {
  SetSuccessCodes(options_.success_codes);
}

void TaskTable::SetSuccessCodes(const std::vector<std::string>& codes) {
  std::uint32_t success = 0;
  for (const ResultCode code : kResultCodes) {
    const bool is_success = std::ranges::find(codes, ToLabel(code)) != codes.end();
    success |= (is_success ? 1U : 0U) << Index(code);
  }
  success_ = success;
}

std::vector<SeriesCount> TaskTable::WriteTasks(std::span<const AccountView> accounts,
                                               FamilyWriter& writer) const {
  return Pass(accounts, options_, success_, writer).WriteTasks();
}

void TaskTable::WriteRest(const Snapshot& snapshot, std::vector<SeriesCount> series,
                          FamilyWriter& writer) const {
  Pass pass(snapshot.accounts, options_, success_, writer);
  pass.WriteBooks();
  pass.WriteState();
  pass.WriteStore(snapshot.store);
  pass.WriteSeries(std::move(series));
}

bool TaskTable::SameTasks(std::span<const AccountView> a, std::span<const AccountView> b) {
  return std::ranges::equal(a, b, ShowsSameTasks);
}

}  // namespace acronis::metrics
