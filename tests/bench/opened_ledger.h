#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "plugin/core/logger.h"
#include "plugin/core/options.h"
#include "plugin/core/telemetry.h"
#include "plugin/ledger/sqlite/sqlite_ledger.h"
#include "tests/bench/task_stream.h"

namespace acronis::bench {

class Silence final : public Logger {
 public:
  bool Enabled(LogLevel) const override { return false; }
  void Log(LogLevel, std::string_view, const LogFields&) override {}
};

/// As the program makes them from its default options.
inline ledger::CountingRules Rules() {
  const MetricsOptions metrics;
  return {.duration_bounds = metrics.duration_buckets,
          .queue_wait_bounds = metrics.queue_wait_buckets,
          .series_hold = metrics.series_hold,
          .queue_limit = 200};
}

/// The ledger of the program, opened as the program opens it.
class OpenedLedger {
 public:
  OpenedLedger(const std::filesystem::path& folder, std::size_t accounts) {
    auto opened = ledger::sqlite::SqliteLedger::Open(
        {.store = {.path = folder / "ledger.db"}, .rules = Rules()},
        {.clock = clock_, .log = silence_, .telemetry = telemetry_});
    if (!opened) {
      throw std::runtime_error(opened.error().message);
    }
    ledger_ = std::move(*opened);
    for (std::size_t number = 0; number < accounts; ++number) {
      if (auto known = ledger_->Register({.name = NameOf(number)}); !known) {
        throw std::runtime_error(known.error().message);
      }
    }
  }

  static std::string NameOf(std::size_t account) { return "account-" + std::to_string(account); }
  ledger::sqlite::SqliteLedger* operator->() { return ledger_.get(); }

 private:
  SystemClock clock_;
  Silence silence_;
  Telemetry telemetry_;
  std::unique_ptr<ledger::sqlite::SqliteLedger> ledger_;
};

/// An account and the tasks that it gets. Its first catch-up is done.
class Account {
 public:
  Account(std::size_t number, TaskStreamOptions options)
      : name_(OpenedLedger::NameOf(number)), stream_(options) {
    progress_.start = progress_.horizon = options.begin - std::chrono::hours(48);
    progress_.baseline_end = options.begin;
    progress_.baseline_complete = true;
  }

  std::vector<Task> NextPage(std::size_t tasks) { return stream_.NextPage(tasks); }
  TimePoint Now() const { return stream_.Now(); }
  void ForgetBefore(TimePoint horizon) { progress_.horizon = horizon; }

  /// Counts a page and makes sure that `expected` of it were new.
  void Commit(OpenedLedger& ledger, const std::vector<Task>& page, std::size_t expected) {
    progress_.watermark = stream_.Now();
    const auto outcome =
        ledger->Commit(name_, {.tasks = page, .server_time = stream_.Now(), .progress = progress_});
    if (!outcome) {
      throw std::runtime_error(outcome.error().message);
    }
    if (outcome->counted != expected) {
      throw std::runtime_error("counted " + std::to_string(outcome->counted) + " of " +
                               std::to_string(page.size()));
    }
  }

 private:
  std::string name_;
  TaskStream stream_;
  ledger::Progress progress_{};
};

}  // namespace acronis::bench
