#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/ledger/sqlite/sqlite_ledger.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/recording_logger.h"
#include "tests/fakes/temporary_folder.h"

namespace acronis::ledger::sqlite {

inline constexpr TimePoint kNow = test::FakeClock::kStart;

/// Counts what a store got wrong.
class StoreRecorder final : public Telemetry {
 public:
  void StoreFailed(StoreOperation /*operation*/) override { ++failures; }
  void LabelOverflowed(std::string_view /*label*/, std::uint64_t increments) override {
    overflowed += increments;
  }
  std::atomic<int> failures = 0;
  std::atomic<std::uint64_t> overflowed = 0;
};

inline Task Done(std::int64_t id, TimePoint completed = kNow, const std::string& code = "ok",
                 const std::string& queue = "backup") {
  return {.id = id,
          .queue = queue,
          .state = "completed",
          .result_code = code,
          .enqueued_at = completed - std::chrono::seconds(90),
          .started_at = completed - std::chrono::seconds(30),
          .completed_at = completed};
}

/// A ledger on a store that goes with the test.
class LedgerFixture : public ::testing::Test {
 protected:
  LedgerFixture() {
    options_.store.path = folder_.Path() / "ledger.db";
    options_.guard_path = folder_.Path() / "guard" / "ledger.guard";
    options_.rules = {.duration_bounds = {1, 60},
                      .queue_wait_bounds = {1, 10, 100},
                      .series_hold = std::chrono::minutes(2)};
  }

  /// Empty when it opened.
  std::string TryOpen(const std::vector<AccountIdentity>& accounts = {{.name = "emea"}}) {
    ledger_.reset();
    auto opened = SqliteLedger::Open(options_, {.clock = clock_,
                                                .log = log_,
                                                .telemetry = telemetry_,
                                                .on_fatal = [this](const Error&) { ++fatal_; }});
    if (!opened) {
      return opened.error().message;
    }
    ledger_ = std::move(*opened);
    for (const AccountIdentity& account : accounts) {
      auto progress = ledger_->Register(account);
      if (!progress) {
        ledger_.reset();
        return progress.error().message;
      }
      progress_ = *progress;
    }
    return {};
  }

  void Open(const std::vector<AccountIdentity>& accounts = {{.name = "emea"}}) {
    const std::string trouble = TryOpen(accounts);
    ASSERT_EQ(trouble, "");
  }

  /// As a killed process leaves it: nothing is said good-bye to.
  void CloseLedger() { ledger_.reset(); }

  Result<PageOutcome> Count(const std::vector<Task>& tasks, const std::string& account = "emea",
                            std::uint64_t invalid = 0) {
    return ledger_->Commit(
        account, {.tasks = tasks, .invalid = invalid, .server_time = kNow, .progress = progress_});
  }

  /// From here on the account shows what it counts.
  void CompleteBaseline() {
    progress_ = {.start = kNow - std::chrono::hours(24),
                 .baseline_end = kNow - std::chrono::hours(1),
                 .baseline_complete = true,
                 .watermark = kNow - std::chrono::minutes(1),
                 .horizon = kNow - std::chrono::hours(24)};
  }

  std::shared_ptr<const AccountCounts> Shown(std::size_t account = 0) const {
    return ledger_->Snapshot()->accounts.at(account);
  }
  std::uint64_t Completed(const std::string& queue, ResultCode code = ResultCode::kOk) const {
    const auto& queues = Shown()->queues;
    const auto found = queues.find(queue);
    return found == queues.end() ? 0 : found->second->completed[static_cast<std::size_t>(code)];
  }

  test::TemporaryFolder folder_;
  test::FakeClock clock_;
  fakes::RecordingLogger log_;
  StoreRecorder telemetry_;
  SqliteLedgerOptions options_;
  Progress progress_;
  std::atomic<int> fatal_ = 0;
  std::unique_ptr<SqliteLedger> ledger_;
};

}  // namespace acronis::ledger::sqlite
