#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/collector.h"
#include "plugin/core/options.h"
#include "plugin/metrics/family_writer.h"

namespace acronis::metrics {

/// How many samples one account has in one family.
struct SeriesCount {
  std::string account{};
  std::string_view family{};  ///< A constant of the program.
  std::uint64_t samples = 0;
};

/// Writes what the fetcher counted: the task metrics, the books and each
/// account's state, from one snapshot or some of its accounts.
///
/// A plain translation: decides names, labels and order, holds nothing back and
/// remembers nothing. Accounts are sorted by name, whatever their order in the
/// snapshot. Thread-safe.
///
/// The counters and histograms of a queue began when the queue was first seen, in the server's
/// time; the books of an account, at the time from which its tasks are read. Both are stored with
/// the counts, so neither changes before the counts begin anew.
class TaskTable {
 public:
  /// Uses the buckets and the success codes of `options`.
  explicit TaskTable(MetricsOptions options);

  /// The task metrics: most of a page, and the same until tasks are counted or listed. Their
  /// families are those named `acronis_task...`, written in the order of their names.
  std::vector<SeriesCount> WriteTasks(std::span<const AccountView> accounts,
                                      FamilyWriter& writer) const;
  /// Everything else; `series` is what WriteTasks returned for the tasks of all accounts.
  void WriteRest(const Snapshot& snapshot, std::vector<SeriesCount> series,
                 FamilyWriter& writer) const;

  /// Whether WriteTasks writes the same for both. Does not look at what they share.
  static bool SameTasks(std::span<const AccountView> a, std::span<const AccountView> b);

  /// Of the pages that begin from now on.
  void SetSuccessCodes(const std::vector<std::string>& codes);

 private:
  MetricsOptions options_;
  std::atomic<std::uint32_t> success_ = 0;  ///< A bit for each result code.
};

}  // namespace acronis::metrics
