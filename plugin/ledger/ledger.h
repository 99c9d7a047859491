#pragma once

#include <cstdint>
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

  bool operator==(const Progress&) const = default;
};

/// One page of the completed-task query, and what it does to the progress.
struct PageCommit {
  std::span<const Task> tasks{};  ///< Each has an id and a completion time.
  std::uint64_t invalid = 0;      ///< Records of the page that could not be used.
  TimePoint server_time{};        ///< The server's time of the reply; no last-time goes above it.
  Progress progress{};            ///< The new progress; stored in the same transaction.
};

/// What became of one page.
struct PageOutcome {
  std::uint64_t counted = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t discarded_late = 0;
  /// Completion times of the tasks that were counted, in page order.
  std::vector<TimePoint> counted_completions{};
};

/// Counts tasks, each id once per account.
///
/// A page's ids, counters and progress become durable (as far as the
/// implementation promises) and visible together or not at all. Thread-safe:
/// accounts commit from their own threads.
class Ledger {
 public:
  virtual ~Ledger() = default;

  /// Makes `account` known and returns how far it has been read.
  virtual Result<Progress> Register(const std::string& account) = 0;

  /// Counts one page in one transaction. On error nothing has changed.
  /// REQUIRES: `account` is registered.
  virtual Result<PageOutcome> Commit(std::string_view account, const PageCommit& page) = 0;

  /// Stores the progress alone, together with queues met in flight (born at 0 if new).
  virtual Status Advance(std::string_view account, const Progress& progress,
                         std::span<const std::string> queues_met) = 0;

  /// The newest committed state. Never null, never does I/O.
  virtual std::shared_ptr<const LedgerSnapshot> Snapshot() const noexcept = 0;

  /// A scrape was answered with the state of `generation`: the hold of the
  /// series it showed for the first time begins.
  virtual void NoteServed(std::uint64_t generation, MonotonicTime now) noexcept = 0;

  /// Commits the reveal of every series whose hold has passed, then shows them.
  /// Returns when the next one is due, empty when none is waiting for the clock.
  virtual std::optional<MonotonicTime> RevealDue(MonotonicTime now) = 0;
};

}  // namespace acronis::ledger
