#pragma once

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/core/clock.h"
#include "plugin/core/counts.h"
#include "plugin/core/result.h"
#include "plugin/core/task.h"

namespace acronis::ledger {

/// A service with more unreadable records than this has another trouble.
inline constexpr std::size_t kMostPassedOver = 1000;

/// How far the reading of one account has come. All in the server's time.
struct Progress {
  /// Fixed by the first reply; no read ever reaches behind it.
  std::optional<TimePoint> start{};
  /// End of the first catch-up (the baseline); empty before the first reply.
  std::optional<TimePoint> baseline_end{};
  bool baseline_complete = false;
  /// Everything completed before it that the API showed is counted.
  std::optional<TimePoint> watermark{};
  /// Ids below are forgotten, records below cannot be decided. Never moves back.
  std::optional<TimePoint> horizon{};
  /// When the last complete sweep began.
  std::optional<TimePoint> last_sweep{};
  /// How much of the past the API had removed before it could be read, in all. Only grows.
  std::chrono::nanoseconds data_gap{};
  /// Completion times, to the nanosecond, at which there is a record that cannot be read;
  /// ascending, at most kMostPassedOver. What completed at them is not asked for. Those below the
  /// horizon are dropped.
  std::vector<TimePoint> passed_over{};

  bool operator==(const Progress&) const = default;
};

/// Who an account is, as far as its counts depend on it.
struct AccountIdentity {
  std::string name{};
  std::string base_url{};  ///< Without a slash at its end.
  std::string tenant{};
  std::string filters{};  ///< As text; the same filters give the same text.
  std::string start{};    ///< `poll.start` as text.

  bool operator==(const AccountIdentity&) const = default;
};

/// One page of the completed-task query, and what it does to the progress.
struct PageCommit {
  std::span<const Task> tasks{};  ///< Each has an id and a completion time.
  std::uint64_t invalid = 0;      ///< Records of the page that could not be used.
  TimePoint server_time{};        ///< The server's time of the reply; no last-time goes above it.
  /// The new progress, stored in the same transaction. None: it stays as it is.
  std::optional<Progress> progress{};
  /// Read by update time: a task may come again as long as its update is recent, however long ago
  /// it completed, so its id is remembered by the later of the two.
  bool by_update = false;
};

/// What became of one page.
struct PageOutcome {
  std::uint64_t counted = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t discarded_late = 0;
  /// Completion times of the tasks that were counted, in page order.
  std::vector<TimePoint> counted_completions{};
  /// Increments that went to the queue `_other`, because there are too many queues.
  std::uint64_t overflowed = 0;
};

/// Progress alone, with the queues met outside the completed-task query (born at 0 if new).
struct ProgressCommit {
  Progress progress{};
  std::span<const std::string> queues_met{};
  TimePoint server_time{};
};

/// Counts tasks, each id once per account.
///
/// A page's ids, counters and progress become durable and visible together or
/// not at all: what Snapshot() shows was committed before. Thread-safe:
/// sessions commit from their own threads and wait for the outcome. What is committed by several
/// threads for one account is stored in any order, so only one of them may change its progress at a
/// time.
///
/// Accounts come and go at any time. One that goes leaves the picture and keeps everything in the
/// store; when it returns it goes on there. Once something was committed, or an account gone, every
/// change of the accounts moves the generation of the snapshot: two pictures of one generation show
/// the same accounts.
class Ledger {
 public:
  virtual ~Ledger() = default;

  /// Whether Register() would refuse the account because its name stands for another one (base_url,
  /// tenant) in the store. Changes nothing, never does I/O.
  virtual Status CheckIdentity(const AccountIdentity& account) const = 0;

  /// Makes the account known, or finds it again, and returns how far it has been read. Refused
  /// as CheckIdentity() says, and when the name is registered already. What the store knows of an
  /// account that was not registered since the start, or went, is read then: a second for every
  /// million ids, for which commits wait.
  virtual Result<Progress> Register(const AccountIdentity& account) = 0;

  /// The account goes: it leaves the snapshot, its memory is given back, commits for it are refused
  /// from now on. REQUIRES: nothing of it is under way.
  virtual Status Retire(std::string_view account) = 0;

  /// From now on exactly these accounts are registered, in this order: the others go, the new ones
  /// come, those that stay may have other filters. All in one transaction and one step of the
  /// snapshot; on error nothing has changed. Returns how far each has been read. Refused as
  /// Register(), and when a name is there twice. REQUIRES: nothing is under way of those that go.
  virtual Result<std::vector<Progress>> SetAccounts(std::span<const AccountIdentity> accounts) = 0;

  /// Counts one page in one transaction. On error nothing has changed. The caller may do something
  /// else meanwhile; `page`, and what it refers to, must live until the outcome is there.
  /// Refused, as Advance() is, when the account is not registered.
  virtual std::future<Result<PageOutcome>> CommitLater(std::string_view account,
                                                       const PageCommit& page) = 0;
  /// The same, waiting for it.
  Result<PageOutcome> Commit(std::string_view account, const PageCommit& page) {
    return CommitLater(account, page).get();
  }

  /// Stores the progress alone. Costs nothing when nothing is new.
  virtual Status Advance(std::string_view account, const ProgressCommit& commit) = 0;

  /// Whether a commit is worth trying. After a failure the store is tried again at growing
  /// intervals; in between this returns what went wrong, without touching it.
  virtual Status CheckReady() = 0;

  /// The newest committed state of the accounts that are registered. Never null, never does I/O.
  virtual std::shared_ptr<const LedgerSnapshot> Snapshot() const noexcept = 0;

  /// A scrape was answered with the state of `generation`: the hold of the
  /// series it showed for the first time begins.
  virtual void NoteServed(std::uint64_t generation, MonotonicTime now) noexcept = 0;

  /// What time alone makes due: commits the reveal of every series whose hold has passed, then
  /// shows them. Returns when to call again, empty when nothing waits for the clock.
  virtual std::optional<MonotonicTime> Tend(MonotonicTime now) noexcept = 0;

  /// Ends all writing; later commits are refused. Waits for a commit under way. Idempotent.
  virtual void Close() noexcept = 0;
};

}  // namespace acronis::ledger
