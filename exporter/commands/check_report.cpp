#include "exporter/commands/check_report.h"

#include <algorithm>
#include <cstddef>
#include <sstream>
#include <utility>
#include <vector>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include "exporter/log/escape.h"

namespace acronis::exporter {
namespace {

constexpr std::size_t kMostSeries = 20;
constexpr std::size_t kMostQueues = 10;
constexpr std::string_view kOther = "_other";

using Row = std::pair<std::string, std::uint64_t>;

std::string_view Word(CheckState state) {
  switch (state) {
    case CheckState::kOk:
      return "OK";
    case CheckState::kWarning:
      return "WARNING";
    case CheckState::kCritical:
      return "CRITICAL";
    case CheckState::kUnknown:
      return "UNKNOWN";
  }
  return {};
}

std::string Head(CheckState state) {
  return "ACRONIS_TASKS " + std::string(Word(state)) + " - ";
}

std::string Joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : std::string(separator)) + word;
  }
  return text;
}

std::uint64_t CompletedTasks(const WindowCounts& counts) {
  std::uint64_t sum = 0;
  for (const auto& [series, tasks] : counts.completed) {
    sum += tasks;
  }
  return sum;
}

/// The rows of `sums`, the largest first.
std::vector<Row> LargestFirst(const std::map<std::string, std::uint64_t>& sums) {
  std::vector<Row> rows(sums.begin(), sums.end());
  std::ranges::stable_sort(rows, std::ranges::greater(), &Row::second);
  return rows;
}

/// A label value that neither ends a quoted name nor splits a pair.
std::string Harmless(const std::string& label) {
  std::string name = OneLine(label);
  std::ranges::replace_if(
      name, [](char c) { return std::string_view("='\"`\\").find(c) != std::string_view::npos; },
      '_');
  return name;
}

std::string QueueName(const WindowCounts& counts, const TaskSeries& series) {
  return Harmless(counts.several_accounts ? series.account + "/" + series.queue : series.queue);
}

/// The series that count, at most kMostSeries of them and the sum of the rest.
std::vector<Row> CountedSeries(const WindowCounts& counts, const CheckScope& scope) {
  std::map<std::string, std::uint64_t> sums;
  for (const auto& [series, tasks] : counts.completed) {
    if (scope.Counts(series.result_code)) {
      sums[QueueName(counts, series) + "/" + Harmless(series.result_code)] += tasks;
    }
  }
  std::vector<Row> rows = LargestFirst(sums);
  if (rows.size() > kMostSeries) {
    Row other(kOther, 0);
    for (std::size_t i = kMostSeries; i < rows.size(); ++i) {
      other.second += rows[i].second;
    }
    rows.resize(kMostSeries);
    rows.push_back(std::move(other));
  }
  return rows;
}

std::string RangeText(const std::optional<NagiosRange>& range) {
  return range ? range->text : "";
}

std::string PerformanceData(const WindowCounts& counts, const CheckScope& scope,
                            const CheckRanges& ranges) {
  std::string text = scope.result_codes.empty() ? "failed=" : "counted=";
  text += std::to_string(CountedTasks(counts, scope)) + ";" + RangeText(ranges.warning) + ";" +
          RangeText(ranges.critical) + ";0";
  text += " completed=" + std::to_string(CompletedTasks(counts)) + ";;;0";
  for (const auto& [name, tasks] : CountedSeries(counts, scope)) {
    text += " '" + name + "'=" + std::to_string(tasks) + ";;;0";
  }
  return text;
}

/// `3 of 120 tasks failed in 1h`.
std::string Summary(const WindowCounts& counts, const CheckScope& scope) {
  const std::string ended =
      scope.result_codes.empty() ? "failed" : "ended with " + Joined(scope.result_codes, " or ");
  return std::to_string(CountedTasks(counts, scope)) + " of " +
         std::to_string(CompletedTasks(counts)) + " tasks " + ended + " in " + counts.window;
}

/// The queues in which most was counted, a line each.
std::string QueueLines(const WindowCounts& counts, const CheckScope& scope) {
  std::map<std::string, std::uint64_t> counted;
  std::map<std::string, std::uint64_t> completed;
  for (const auto& [series, tasks] : counts.completed) {
    const std::string queue = QueueName(counts, series);
    completed[queue] += tasks;
    counted[queue] += scope.Counts(series.result_code) ? tasks : 0;
  }
  std::string lines;
  std::size_t left = kMostQueues;
  for (const auto& [queue, tasks] : LargestFirst(counted)) {
    if (tasks == 0 || left-- == 0) {
      break;
    }
    lines +=
        queue + ": " + std::to_string(tasks) + " of " + std::to_string(completed[queue]) + "\n";
  }
  return lines;
}

}  // namespace

std::uint64_t CountedTasks(const WindowCounts& counts, const CheckScope& scope) {
  std::uint64_t sum = 0;
  for (const auto& [series, tasks] : counts.completed) {
    sum += scope.Counts(series.result_code) ? tasks : 0;
  }
  return sum;
}

CheckState Judge(std::uint64_t counted, const WindowCounts& counts, const CheckRanges& ranges) {
  const auto value = static_cast<double>(counted);
  if (!counts.incomplete.empty()) {
    const bool certain = ranges.critical && ranges.critical->AlertsFrom(value);
    return certain ? CheckState::kCritical : CheckState::kUnknown;
  }
  if (ranges.critical && ranges.critical->Alerts(value)) {
    return CheckState::kCritical;
  }
  const bool warns = ranges.warning && ranges.warning->Alerts(value);
  return warns ? CheckState::kWarning : CheckState::kOk;
}

std::string CheckReport(const WindowCounts& counts, const CheckScope& scope,
                        const CheckRanges& ranges) {
  std::string text = Head(Judge(CountedTasks(counts, scope), counts, ranges));
  text += OneLine(Summary(counts, scope));
  if (!counts.incomplete.empty()) {
    text += ", as far as known: " + OneLine(counts.incomplete);
  }
  text += " | " + PerformanceData(counts, scope, ranges) + "\n" + QueueLines(counts, scope);
  for (const std::string& note : counts.notes) {
    text += OneLine(note) + "\n";
  }
  return text;
}

std::string UnknownReport(std::string_view problem) {
  return Head(CheckState::kUnknown) + OneLine(problem) + "\n";
}

std::string OneLine(std::string_view text) {
  std::string joined(text.substr(0, text.find_last_not_of('\n') + 1));
  for (std::size_t at = 0; (at = joined.find('\n', at)) != std::string::npos; ++at) {
    joined.replace(at, 1, "; ");
  }
  std::string line;
  AppendPrintable(line, joined);
  std::ranges::replace(line, '|', '_');
  return line;
}

std::string DiscoveryReport(const WindowCounts& counts) {
  Poco::JSON::Array rows;
  for (const auto& [series, tasks] : counts.completed) {
    Poco::JSON::Object row(Poco::JSON_PRESERVE_KEY_ORDER);
    row.set("{#ACCOUNT}", series.account);
    row.set("{#QUEUE}", series.queue);
    row.set("{#RESULT_CODE}", series.result_code);
    rows.add(row);
  }
  std::ostringstream out;
  rows.stringify(out);
  return out.str() + "\n";
}

}  // namespace acronis::exporter
