#include "tests/bench/page_files.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "plugin/simulator/task_generator.h"
#include "plugin/simulator/task_json.h"
#include "plugin/simulator/tenant_list.h"
#include "plugin/simulator/text_format.h"
#include "tests/bench/totals.h"

namespace acronis::bench {
namespace {

using simulator::TaskRecord;

/// More are made than needed: which of them are the first to complete is not known before.
constexpr double kSurplus = 1.05;

std::int64_t Nanoseconds(TimePoint time) {
  return time.time_since_epoch().count();
}

/// The first `count` to complete of all tasks that were made in the span.
std::vector<TaskRecord> MakeTasks(const PageFilesOptions& options,
                                  const simulator::SimulatorOptions& world,
                                  simulator::TextPool& pool) {
  simulator::TaskGenerator generator(world, pool, Nanoseconds(options.begin));
  const auto made = generator.Until(Nanoseconds(options.begin + options.span) - 1);
  if (made.size() < options.tasks) {
    throw std::runtime_error("only " + std::to_string(made.size()) + " tasks");
  }
  std::vector<TaskRecord> records;
  records.reserve(made.size());
  for (const simulator::PlannedTask& task : made) {
    records.push_back(task.record);
  }
  std::ranges::sort(
      records, {}, [](const TaskRecord& record) { return std::pair(record.completed, record.id); });
  records.resize(options.tasks);
  return records;
}

void Add(Totals& totals, const TaskRecord& record, const simulator::TextPool& pool) {
  ++totals.tasks[{pool.Text(record.queue), pool.Text(record.result)}];
  if (record.started != simulator::kNoTime) {
    totals.durations += record.completed >= record.started ? 1 : 0;
    totals.queue_waits += record.enqueued != simulator::kNoTime ? 1 : 0;
  }
}

void WriteFile(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) {
    throw std::runtime_error("cannot write " + path.string());
  }
}

}  // namespace

std::string PageName(std::size_t number) {
  constexpr std::size_t kDigits = 6;
  const std::string digits = std::to_string(number);
  return 'p' + std::string(kDigits - std::min(kDigits, digits.size()), '0') + digits;
}

void WritePageFiles(const PageFilesOptions& options) {
  simulator::SimulatorOptions world;
  world.rate =
      kSurplus * static_cast<double>(options.tasks) / static_cast<double>(options.span.count());
  simulator::TextPool pool;
  const auto records = MakeTasks(options, world, pool);
  const auto tenants = simulator::MakeTenants(world.seed, world.tenants);
  const std::string now = simulator::FormatTime(Nanoseconds(SystemClock().Now()));
  Totals totals;
  std::size_t bytes = 0;
  std::size_t pages = 0;
  for (std::size_t first = 0; first < records.size(); first += options.page_size, ++pages) {
    const std::size_t end = std::min(first + options.page_size, records.size());
    std::string text = R"({"items":[)";
    for (std::size_t number = first; number < end; ++number) {
      const TaskRecord& record = records[number];
      text += number == first ? "" : ",";
      simulator::AppendTaskJson(text, {record, pool, tenants[record.tenant]}, simulator::Lod::kFull,
                                nullptr);
      Add(totals, record, pool);
    }
    text += R"(],"size":)" + std::to_string(end - first) + R"(,"timeStamp":")" + now + '"';
    if (end < records.size()) {
      text += R"(,"paging":{"cursors":{"after":")" + PageName(pages + 1) + R"("}})";
    }
    text += '}';
    bytes += text.size();
    WriteFile(options.folder / (PageName(pages) + ".json"), text);
  }
  std::printf("pages %zu\nbytes %zu\n", pages, bytes);
  totals.Print();
}

}  // namespace acronis::bench
