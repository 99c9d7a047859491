#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plugin/core/clock.h"
#include "plugin/core/counts.h"
#include "plugin/core/task.h"
#include "plugin/ledger/ledger.h"
#include "plugin/ledger/seen_ids.h"

namespace acronis::ledger {

/// How tasks are counted; the same for every account of a ledger.
struct CountingRules {
  std::vector<double> duration_bounds{};    ///< Seconds, ascending.
  std::vector<double> queue_wait_bounds{};  ///< Seconds, ascending.
  /// How long a new series is shown as 0 after a scrape saw that 0; 0: not at all.
  std::chrono::nanoseconds series_hold{};
  /// Queues with a name of their own; further ones share `_other`.
  std::uint64_t queue_limit = 200;

  bool operator==(const CountingRules&) const = default;
};

/// The queue that stands for all beyond the limit.
inline constexpr std::string_view kOtherQueue = "_other";

/// A queue of an account, and whether its values may be shown.
struct QueueState {
  std::shared_ptr<const QueueCounts> counts{};
  bool revealed = true;
};

/// An id that is remembered from now on, or remembered differently.
struct SeenChange {
  std::int64_t id = 0;
  SeenTask now{};
  std::optional<SeenTask> before{};  ///< Empty: the id is new.
};

/// A change to an account's book, worked out but not yet made: absolute new
/// values of what changes, ready to be written by a store and then applied.
struct BookChange {
  Progress progress{};
  Books books{};
  std::map<std::string, QueueState> queues{};
  std::vector<SeenChange> seen{};
  /// Ids below the horizon that the store no longer has.
  std::vector<std::int64_t> forgotten{};
  std::vector<PageOutcome> outcomes{};  ///< Of each page, in order.
};

/// Everything of an account that outlives the process.
struct BookState {
  Progress progress{};
  Books books{};
  std::map<std::string, QueueState> queues{};
  SeenIds seen{};
};

/// The counted state of one account, and the rules that change it.
///
/// Working a change out and making it are apart, so that a durable ledger can
/// commit in between. Not thread-safe: the ledger that owns it locks.
class AccountBook {
 public:
  /// Goes on where `state` stopped. A series that was not revealed then begins its hold anew, with
  /// the snapshot of `generation`. REQUIRES: the histograms of `state` fit the bounds of `rules`.
  AccountBook(std::string account, CountingRules rules, BookState state = {},
              std::uint64_t generation = 0);

  const std::string& Account() const { return account_; }
  const Progress& CurrentProgress() const { return progress_; }
  const Books& CurrentBooks() const { return books_; }

  /// What counting `page` would change. Each id counts once; an id seen before
  /// is a duplicate, and an unseen one below the horizon cannot be decided.
  BookChange Count(const PageCommit& page) const;
  /// The same for several pages, one after the other; the last progress counts.
  BookChange CountPages(std::span<const PageCommit* const> pages) const;

  /// What storing a progress and meeting queues outside the completed-task query would change.
  BookChange Advance(const ProgressCommit& commit) const;

  /// What showing these queues with their values would change.
  BookChange Reveal(const std::vector<std::string>& queues) const;

  /// Nothing to store in it.
  bool IsNoChange(const BookChange& change) const;

  /// Makes a change that was worked out on this very state.
  /// `generation` is the snapshot that will show it first.
  void Apply(const BookChange& change, std::uint64_t generation);

  /// Begins the hold of the series that snapshot `generation` showed.
  void NoteServed(std::uint64_t generation, MonotonicTime now);
  /// The queues whose hold has passed.
  std::vector<std::string> DueForReveal(MonotonicTime now) const;
  /// When the next hold passes; empty when none is running.
  std::optional<MonotonicTime> NextReveal() const;

  /// What a scrape may show now.
  std::shared_ptr<const AccountCounts> Shown() const;

  /// What the remembered ids take.
  std::size_t SeenBytes() const { return seen_.MemoryBytes(); }

 private:
  struct Hold {
    std::uint64_t generation = 0;                ///< Of the snapshot that showed the 0 first.
    std::shared_ptr<const QueueCounts> shown{};  ///< Nothing but zeros.
    std::optional<MonotonicTime> served_at{};    ///< When a scrape was answered with it.
  };
  /// Pages on their way into a change.
  struct Pass {
    BookChange& change;
    const PageCommit* page = nullptr;  ///< That is counted now.
    std::map<std::string, QueueCounts> queues{};
    std::unordered_map<std::int64_t, std::size_t> met{};  ///< Where `change.seen` has the id.

    PageOutcome& Outcome() const { return change.outcomes.back(); }
  };

  QueueCounts NewQueue(TimePoint born_at) const;
  void HoldBack(const std::string& name, const QueueState& queue, std::uint64_t generation);
  /// True when a queue born now is shown as 0 first.
  bool HoldsNewborn() const;
  bool IsRevealed(const std::string& queue) const { return !holds_.contains(queue); }
  /// The name under which `queue` counts, `newborn` queues being known besides those of the book.
  std::string_view Admit(std::string_view queue, std::size_t newborn) const;
  QueueCounts& QueueIn(Pass& pass, const std::string& queue) const;
  bool IsForgotten(const SeenTask& seen) const;
  void CountOne(const Task& task, Pass& pass) const;
  /// `forgotten` is there when the id is below the horizon but not yet out of the store.
  void CountNew(const Task& task, const std::optional<SeenTask>& forgotten, Pass& pass) const;
  void AddTo(QueueCounts& queue, const Task& task, TimePoint server_time) const;
  BookChange Unchanged() const;

  std::string account_;
  CountingRules rules_;
  Progress progress_;
  Books books_;
  SeenIds seen_;
  std::map<std::string, std::shared_ptr<const QueueCounts>> queues_;
  std::map<std::string, Hold> holds_;  ///< Queues born after the baseline and not yet revealed.
};

}  // namespace acronis::ledger
