#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>

#include "plugin/collector.h"
#include "plugin/core/logger.h"
#include "plugin/core/telemetry.h"
#include "plugin/ledger/seen_ids.h"
#include "tests/bench/fetching.h"
#include "tests/bench/measure.h"
#include "tests/bench/totals.h"

namespace acronis::bench {
namespace {

/// Shows what went wrong.
class Complaints final : public Logger {
 public:
  bool Enabled(LogLevel level) const override { return level >= LogLevel::kWarn; }
  void Log(LogLevel level, std::string_view message, const LogFields& fields) override {
    if (!Enabled(level)) {
      return;
    }
    std::string line(message);
    for (const LogField& field : fields) {
      line += ' ' + std::string(field.key) + '=' + field.value;
    }
    std::cerr << line + '\n';
  }
};

CollectorOptions OptionsOf(const PollArguments& arguments) {
  AccountOptions account;
  account.name = "bench";
  account.base_url = arguments.server.base_url;
  account.ca_file = arguments.server.ca_file;
  account.client_id = arguments.client_id;
  account.client_secret = Secret(arguments.client_secret);
  account.poll = arguments.poll;
  CollectorOptions options;
  options.accounts = {account};
  options.store.path = arguments.store / "ledger.db";
  options.store.guard_path = arguments.store / "ledger.guard";
  options.user_agent = "fetch_bench";
  return options;
}

std::uint64_t Sum(const std::vector<std::uint64_t>& buckets) {
  return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
}

Totals TotalsOf(const AccountCounts& counts) {
  Totals totals;
  for (const auto& [name, queue] : counts.queues) {
    for (const ResultCode code : kResultCodes) {
      const std::uint64_t count = queue->completed[static_cast<std::size_t>(code)];
      if (count > 0) {
        totals.tasks[{name, std::string(ToLabel(code))}] = count;
      }
    }
    totals.durations += Sum(queue->duration.buckets);
    totals.queue_waits += Sum(queue->queue_wait.buckets);
  }
  return totals;
}

/// What the table of so many ids takes, by its own account.
std::size_t SeenBytes(std::uint64_t ids) {
  ledger::SeenIds seen;
  seen.Reserve(ids);
  return seen.MemoryBytes();
}

}  // namespace

void Poll(const PollArguments& arguments) {
  SystemClock clock;
  Complaints complaints;
  Telemetry telemetry;
  auto opened = Collector::Open(OptionsOf(arguments),
                                {.clock = clock, .log = complaints, .telemetry = telemetry});
  if (!opened) {
    throw std::runtime_error(opened.error().message);
  }
  Collector& collector = **opened;
  if (const Status store = collector.OpenStore(); !store) {
    throw std::runtime_error(store.error().message);
  }
  for (std::size_t poll = 0; poll < arguments.polls; ++poll) {
    if (std::string line; poll > 0 && !std::getline(std::cin, line)) {
      throw std::runtime_error("nobody says when to go on");
    }
    Meter meter;
    meter.Measure([&] {
      if (!collector.PollOnce()) {
        throw std::runtime_error("the poll failed");
      }
    });
    std::printf("poll_cpu_s %.6f\npoll_wall_s %.6f\n", meter.CpuMicroseconds() / 1e6,
                meter.WallSeconds());
    std::fflush(stdout);
  }
  const auto peak = PeakResidentBytes();
  const auto snapshot = collector.TakeSnapshot();
  const AccountCounts& counts = *snapshot->accounts.front().counts;
  std::printf("peak_bytes %lld\nseen_bytes %zu\n", static_cast<long long>(peak),
              SeenBytes(counts.dedupe_entries));
  if (counts.watermark) {
    std::printf("read_to_s %.0f\n", ToUnixSeconds(*counts.watermark));
  }
  TotalsOf(counts).Print();
}

}  // namespace acronis::bench
