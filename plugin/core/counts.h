#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/core/task.h"

namespace acronis {

/// A distribution over fixed bounds. The bounds live with the owner.
struct Histogram {
  /// One count per bound (upper, inclusive), then one for everything above. Not cumulative.
  std::vector<std::uint64_t> buckets{};
  /// Sum of the observations in microseconds: an integer, so that any order gives the same sum.
  /// At its largest value it stays.
  std::int64_t sum_us = 0;

  bool operator==(const Histogram&) const = default;
};

/// What was counted of one queue of one account.
struct QueueCounts {
  /// When its series began, in the server's time.
  TimePoint born_at{};
  std::array<std::uint64_t, kResultCodeCount> completed{};
  /// Newest completion time counted, never above the server's time.
  std::array<std::optional<TimePoint>, kResultCodeCount> last_completion{};
  Histogram duration{};    ///< Start to completion.
  Histogram queue_wait{};  ///< Enqueue to start.

  bool operator==(const QueueCounts&) const = default;
};

/// The fate of every record of the completed-task query.
/// received = counted + duplicate + discarded_late + invalid, always.
struct Books {
  std::uint64_t received = 0;
  std::uint64_t counted = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t discarded_late = 0;  ///< Below the horizon: nobody can tell any more.
  std::uint64_t invalid = 0;
  std::uint64_t changed_result = 0;  ///< Counted tasks that came again with another result.
  std::uint64_t changed_completion_time = 0;  ///< ... or with another completion time.
  std::uint64_t late = 0;                     ///< Counted although completed before the watermark.

  bool operator==(const Books&) const = default;
};

/// The committed state of one account, as a scrape may show it. Immutable.
struct AccountCounts {
  std::string account;
  /// False until the first catch-up is done; until then no queue is listed.
  bool baseline_complete = false;
  /// What completed before it is never read, so the books are empty up to it. In the server's time,
  /// stored, fixed by the first reply and empty until then.
  std::optional<TimePoint> start{};
  /// Everything completed before this that the API showed is counted.
  std::optional<TimePoint> watermark{};
  Books books{};
  /// How much of the past the API had removed before it could be read, in all.
  std::chrono::nanoseconds data_gap{};
  std::uint64_t dedupe_entries = 0;  ///< Task ids remembered.
  /// By queue name, sorted; a queue whose series are on hold is listed with zeros.
  std::map<std::string, std::shared_ptr<const QueueCounts>> queues{};
};

/// The store behind a ledger.
struct StoreView {
  std::string id{};      ///< Drawn at random when it was made; another id, other counters.
  std::string engine{};  ///< `sqlite`.
  std::uint64_t size_bytes = 0;

  bool operator==(const StoreView&) const = default;
};

/// One committed state of the whole ledger. Immutable.
struct LedgerSnapshot {
  std::uint64_t generation = 0;  ///< Number of the commit it shows; grows over restarts, too.
  StoreView store{};
  /// In the order of registration. Others may come and go between two snapshots: look for a name,
  /// not for a place.
  std::vector<std::shared_ptr<const AccountCounts>> accounts{};
};

/// Null when the account is not in the snapshot.
std::shared_ptr<const AccountCounts> FindAccount(const LedgerSnapshot& snapshot,
                                                 std::string_view account);

/// Tasks not yet completed at the last poll, of one queue and state.
struct InFlightCount {
  std::uint64_t tasks = 0;
  std::optional<TimePoint> oldest_enqueued_at{};

  bool operator==(const InFlightCount&) const = default;
};

/// The last in-flight listing. By queue, then by state in the order of kInFlightStates;
/// every queue the account knows is listed, with zeros where nothing waits.
using InFlightCounts = std::map<std::string, std::array<InFlightCount, kInFlightStates.size()>>;

}  // namespace acronis
