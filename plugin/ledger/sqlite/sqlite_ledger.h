#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <limits>
#include <map>
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
/// among it. Accounts that come or go wait for their turn there, too. What a scrape sees is
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

  Status CheckIdentity(const AccountIdentity& account) const override;
  Result<Progress> Register(const AccountIdentity& account) override;
  Status Retire(std::string_view account) override;
  Result<std::vector<Progress>> SetAccounts(std::span<const AccountIdentity> accounts) override;
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
  /// A change of the accounts. It is told whether the generation has to move.
  using RosterChange = std::function<Status(bool moves)>;
  static constexpr std::size_t kNoMember = std::numeric_limits<std::size_t>::max();

  /// One change that somebody waits for.
  struct Job {
    std::size_t account = kNoMember;
    const PageCommit* page = nullptr;
    WorkOut work_out{};               ///< If it is no page.
    std::function<Status()> alone{};  ///< If it is of no account.
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
  /// An account that the store knows.
  struct Member {
    std::int64_t key = 0;
    AccountIdentity identity{};
    std::string start_asked{};            ///< What `poll.start` was when it registered last.
    std::optional<BookState> at_start{};  ///< What the store had, until the writer begins.
    std::optional<AccountBook> book{};    ///< While it is registered.
    std::size_t place = 0;                ///< In the snapshot, while it is registered.
  };
  /// An account on its way to being registered.
  struct Draft {
    std::size_t member = kNoMember;
    std::int64_t key = 0;
    AccountIdentity identity{};  ///< As it is stored from now on.
    std::string start_asked{};
    std::optional<BookState> read{};  ///< If neither its book nor what the start read is there.
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
  void WriteQueues(const Member& member) const;
  /// As the start says it, where nothing else names the store.
  Error CannotWrite(const Error& why) const;
  /// Runs `write` in a transaction of its own.
  Status InTransaction(const std::function<void()>& write);

  // Accounts that come and go: on the writer's thread, or before it begins.
  /// For any thread: has it done in its turn.
  Status InTurn(const RosterChange& change);
  /// kNoMember if the store does not know the name. For any thread.
  std::size_t IndexOf(std::string_view account) const;
  /// Those that are registered, in the order of the snapshot.
  std::vector<AccountIdentity> Registered() const;
  Status Enrol(std::span<const AccountIdentity> accounts, bool moves);
  Result<std::vector<Draft>> DraftAll(std::span<const AccountIdentity> accounts);
  Result<Draft> DraftOf(const AccountIdentity& account);
  Result<BookState> ReadAgain(const Member& member);
  bool IsNews(const Draft& draft) const;
  Status WriteDrafts(std::vector<Draft>& drafts);
  void WriteDraft(Draft& draft);
  void LogRenewal(const Draft& draft) const;
  void Install(std::vector<Draft>& drafts);
  // The rest of them REQUIRE that books_mutex_ is held.
  Member& MemberOf(Draft& draft);
  void OpenBook(Member& member, Draft& draft, std::uint64_t generation) const;
  /// Those of `before` that are registered no more.
  std::vector<std::optional<AccountBook>> TakeBooks(std::span<const std::size_t> before) const;

  static Error NotRegistered(std::string_view account);
  std::future<Result<PageOutcome>> SubmitFor(std::string_view account, Job job);
  void BeginWriting();
  std::future<Result<PageOutcome>> Submit(Job job);

  // On the writer's thread.
  void Write();
  static void RunAlone(std::vector<Job>& batch);
  void RunBatch(std::vector<Job>& batch);
  std::vector<Worked> WorkOutAll(std::vector<Job>& batch);
  BookChange WorkOutOf(std::span<const Job> jobs) const;
  Status Store(std::vector<Worked>& batch);
  void StoreOne(Worked& worked);
  void RollBack(const Error& error, bool sync_failed);
  void CheckpointIfLong();
  void Publish(const std::vector<Worked>& batch);
  void UpdateSize(LedgerSnapshot& snapshot) const;

  /// What is due of an account; nothing when it is not registered, no vector past the last one.
  std::optional<std::vector<std::string>> DueOf(std::size_t member, MonotonicTime now) const;
  std::optional<MonotonicTime> NextRevealOf(std::size_t member) const;

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
  // Guarded by books_mutex_ where others than the writer look. A member keeps its index.
  std::vector<std::unique_ptr<Member>> members_;

  mutable std::mutex index_mutex_;
  std::map<std::string, std::size_t, std::less<>> index_;  // Guarded by index_mutex_.

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
  std::vector<std::size_t> order_;  // The registered members, as the snapshot has them.
  StoreOperation doing_ = StoreOperation::kCommit;
  bool checkpoint_failing_ = false;

  std::atomic<bool> closed_ = false;
  FairQueue<Job> jobs_;
  std::mutex begin_mutex_;
  bool writing_ = false;  // Guarded by begin_mutex_: the writer has begun.
  std::once_flag closing_;
  std::thread writer_;
};

}  // namespace acronis::ledger::sqlite
