#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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
};

/// A change to an account's book, worked out but not yet made: absolute new
/// values of what changes, ready to be written by a store and then applied.
struct BookChange {
  Progress progress{};
  Books books{};
  std::map<std::string, std::shared_ptr<const QueueCounts>> queues{};
  std::vector<std::pair<std::int64_t, SeenTask>> seen{};
  PageOutcome outcome{};
};

/// The counted state of one account, and the rules that change it.
///
/// Working a change out and making it are apart, so that a durable ledger can
/// commit in between. Not thread-safe: the ledger that owns it locks.
class AccountBook {
 public:
  AccountBook(std::string account, CountingRules rules);

  const Progress& CurrentProgress() const { return progress_; }

  /// What counting `page` would change. Each id counts once; an id seen before
  /// is a duplicate, and an unseen one below the horizon cannot be decided.
  BookChange Count(const PageCommit& page) const;

  /// What storing `progress` and meeting `queues` outside the completed-task query would change.
  BookChange Advance(const Progress& progress, std::span<const std::string> queues) const;

  /// Makes a change that Count() or Advance() worked out on this very state.
  /// `generation` is the snapshot that will show it first.
  void Apply(const BookChange& change, std::uint64_t generation);

  /// Begins the hold of the series that snapshot `generation` showed.
  void NoteServed(std::uint64_t generation, MonotonicTime now);
  /// The queues whose hold has passed.
  std::vector<std::string> DueForReveal(MonotonicTime now) const;
  /// Shows the queues with their values from now on.
  void Reveal(const std::vector<std::string>& queues);
  /// When the next hold passes; empty when none is running.
  std::optional<MonotonicTime> NextReveal() const;

  /// What a scrape may show now.
  std::shared_ptr<const AccountCounts> Shown() const;

 private:
  struct Hold {
    std::uint64_t generation = 0;              ///< Of the snapshot that showed the 0 first.
    std::optional<MonotonicTime> served_at{};  ///< When a scrape was answered with it.
  };

  QueueCounts NewQueue() const;
  QueueCounts& QueueIn(std::map<std::string, QueueCounts>& queues, const std::string& name) const;
  void CountOne(const Task& task, const PageCommit& page, BookChange& change,
                std::map<std::string, QueueCounts>& queues) const;
  void AddTo(QueueCounts& queue, const Task& task, TimePoint server_time) const;
  BookChange Unchanged() const;

  std::string account_;
  CountingRules rules_;
  Progress progress_;
  Books books_;
  SeenIds seen_;
  std::map<std::string, std::shared_ptr<const QueueCounts>> queues_;
  std::map<std::string, Hold> holds_;  ///< Queues born after the baseline and not yet revealed.
  std::shared_ptr<const QueueCounts> zero_;
};

}  // namespace acronis::ledger
