#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "plugin/core/clock.h"
#include "plugin/core/logger.h"
#include "plugin/core/telemetry.h"
#include "plugin/ledger/account_book.h"
#include "plugin/ledger/ledger.h"
#include "plugin/ledger/sqlite/fair_queue.h"
#include "plugin/ledger/sqlite/guard_file.h"
#include "plugin/ledger/sqlite/store_file.h"

namespace acronis::ledger::sqlite {

struct SqliteLedgerOptions {
  StoreFileOptions store{};
  std::filesystem::path guard_path{};  ///< Empty: no guard.
  CountingRules rules{};
};

/// A ledger in one SQLite file.
///
/// One thread writes; it begins with the first commit, so that the process may still fork before.
/// It takes the accounts in turn and puts what waits into one transaction, all pages of an account
/// among it. What a scrape sees is
/// an immutable picture that is replaced after COMMIT returned.
///
/// A failed transaction is rolled back and its pages are refused; the store is tried again after
/// 1 s, 2 s, ... 60 s. After a failed fsync nothing can be believed any more: `on_fatal` is called,
/// which should end the process, and every later commit is refused.
class SqliteLedger final : public Ledger {
 public:
  /// Borrowed for the life of the ledger.
  struct Deps {
    Clock& clock;
    Logger& log;
    Telemetry& telemetry;
    std::function<void(const Error&)> on_fatal{};
  };

  static Result<std::unique_ptr<SqliteLedger>> Open(const SqliteLedgerOptions& options, Deps deps);

  SqliteLedger(const SqliteLedger&) = delete;
  SqliteLedger& operator=(const SqliteLedger&) = delete;
  ~SqliteLedger() override;

  Result<Progress> Register(const AccountIdentity& account) override;
  std::future<Result<PageOutcome>> CommitLater(std::string_view account,
                                               const PageCommit& page) override;
  Status Advance(std::string_view account, const ProgressCommit& commit) override;
  Status CheckReady() override;
  std::shared_ptr<const LedgerSnapshot> Snapshot() const noexcept override;
  void NoteServed(std::uint64_t generation, MonotonicTime now) noexcept override;
  std::optional<MonotonicTime> Tend(MonotonicTime now) noexcept override;
  void Close() noexcept override;

  /// What the remembered ids of all accounts take.
  std::size_t SeenBytes() const;

 private:
  using WorkOut = std::function<BookChange(const AccountBook&)>;

  /// One change that somebody waits for.
  struct Job {
    std::size_t account = 0;
    const PageCommit* page = nullptr;
    WorkOut work_out{};  ///< If it is no page.
    std::promise<Result<PageOutcome>> done{};
  };
  /// Jobs of one account whose change is worked out. More than one are pages.
  struct Worked {
    std::span<Job> jobs{};
    BookChange change{};

    std::size_t Account() const { return jobs.front().account; }
    /// Tells those who wait.
    void Answer(const Status& stored);
  };
  /// An account that is polled now.
  struct Member {
    std::int64_t key = 0;
    AccountIdentity identity{};
    AccountBook book;
  };
  /// Why the store does not work, and when to try it again.
  struct Trouble {
    Error error;
    std::chrono::nanoseconds pause{};
    MonotonicTime next_try{};
    bool for_good = false;
  };

  SqliteLedger(SqliteLedgerOptions options, Deps deps, OpenStore store);

  // Called before the writer begins.
  Status ApplyBounds();
  /// What the store is to know of a known account now. Logs what changed.
  AccountIdentity Renewed(const AccountIdentity& stored, const AccountIdentity& now) const;
  Status WriteIdentity(StoredAccount& stored, const AccountIdentity& identity);
  void WriteQueues(const StoredAccount& account) const;
  Status Enlist(StoredAccount stored, const AccountIdentity& account);
  /// Runs `write` in a transaction of its own.
  Status InTransaction(const std::function<void()>& write);

  std::size_t IndexOf(std::string_view account) const;
  std::future<Result<PageOutcome>> Submit(Job job);

  // On the writer's thread.
  void Write();
  void RunBatch(std::vector<Job>& batch);
  std::vector<Worked> WorkOutAll(std::vector<Job>& batch);
  BookChange WorkOutOf(std::span<const Job> jobs) const;
  Status Store(std::vector<Worked>& batch);
  void StoreOne(Worked& worked);
  void RollBack(const Error& error, bool sync_failed);
  void CheckpointIfLong();
  void Publish(const std::vector<Worked>& batch);
  void UpdateSize(LedgerSnapshot& snapshot) const;

  void NoteTrouble(const Error& error, bool for_good);
  void NoteRecovery();
  void CloseOnce();
  std::optional<MonotonicTime> TendGuard(MonotonicTime now);
  /// REQUIRES: guard_mutex_ is held.
  void WriteGuard(std::uint64_t commits);

  SqliteLedgerOptions options_;
  Deps deps_;
  OpenStore store_;  // After Open() the writer's alone.
  std::optional<GuardFile> guard_;

  mutable std::mutex books_mutex_;
  std::vector<std::unique_ptr<Member>> members_;  // Their books are guarded by books_mutex_.
  std::vector<StoredAccount> strangers_;          // In the store, not polled.

  mutable std::mutex shown_mutex_;
  std::shared_ptr<const LedgerSnapshot> shown_;  // Guarded by shown_mutex_.

  std::mutex trouble_mutex_;
  std::optional<Trouble> trouble_;  // Guarded by trouble_mutex_.

  std::atomic<std::uint64_t> served_ = 0;  // The newest generation that a scrape was answered with.
  std::mutex guard_mutex_;
  std::uint64_t guarded_ = 0;  // Guarded by guard_mutex_, as the next two are.
  MonotonicTime next_guard_{};
  bool guard_failing_ = false;

  // The writer's.
  StoreOperation doing_ = StoreOperation::kCommit;
  bool checkpoint_failing_ = false;

  std::atomic<bool> closed_ = false;
  FairQueue<Job> jobs_;
  std::once_flag writer_begins_;
  std::once_flag closing_;
  std::thread writer_;
};

}  // namespace acronis::ledger::sqlite
