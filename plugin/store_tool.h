#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugin/core/clock.h"
#include "plugin/core/counts.h"
#include "plugin/core/options.h"
#include "plugin/core/result.h"

namespace acronis {

/// What a store knows of one account.
struct StoredAccountReport {
  std::string base_url{};
  std::string tenant{};
  std::string filters{};
  std::optional<TimePoint> start{};
  std::optional<TimePoint> baseline_end{};
  std::optional<TimePoint> watermark{};  ///< During the baseline, too.
  std::optional<TimePoint> horizon{};
  std::optional<TimePoint> last_sweep{};
  /// Every queue with its values, whether or not a scrape may show them; the books and the rest.
  std::shared_ptr<const AccountCounts> counts{};
  std::vector<std::string> held{};  ///< Queues that are still shown as 0.
};

/// What a store holds.
struct StoreReport {
  StoreView store{};
  std::uint64_t commits = 0;
  std::vector<double> duration_bounds{};
  std::vector<double> queue_wait_bounds{};
  std::vector<StoredAccountReport> accounts{};
};

// The store from the other side: for people rather than for metrics. Each call opens the store as
// a start of the program does, with every check, and is refused while a process has it. Nothing is
// made that does not exist. REQUIRES: `options` were checked by CheckStore().

/// Reads everything. With `mind_guard` a store that is older than what scrapes have seen is an
/// error.
Result<StoreReport> ReadStore(const StoreOptions& options, bool mind_guard);

/// Another store from now on: counters from 0, a new id, nothing remembered. Returns the id.
Result<std::string> BeginNewEpoch(const StoreOptions& options);

/// Lets the account's name stand for its base_url and tenant as they are now, counts and all.
/// REQUIRES: `account` was checked by CheckAccount().
Status AcceptAccount(const StoreOptions& options, const AccountOptions& account);

}  // namespace acronis
