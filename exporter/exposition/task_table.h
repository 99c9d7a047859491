#pragma once

#include <array>

#include "exporter/exposition/writer.h"
#include "plugin/collector.h"
#include "plugin/core/options.h"

namespace acronis::exporter {

/// Writes what the fetcher counted: the task metrics, the books and each
/// account's state, from one snapshot.
///
/// A plain translation: decides names, labels and order, holds nothing back and
/// remembers nothing. Accounts are sorted by name, whatever their order in the
/// snapshot. Thread-safe.
class TaskTable {
 public:
  /// Uses the buckets and the success codes of `options`.
  explicit TaskTable(MetricsOptions options);

  void Write(const Snapshot& snapshot, FamilyWriter& writer) const;

 private:
  MetricsOptions options_;
  std::array<bool, kResultCodeCount> is_success_{};
};

}  // namespace acronis::exporter
