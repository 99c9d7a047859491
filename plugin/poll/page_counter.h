#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "plugin/api/task_client.h"
#include "plugin/core/result.h"
#include "plugin/ledger/ledger.h"
#include "plugin/poll/account.h"

namespace acronis::poll {

/// Counts pages of completed tasks, each in a ledger transaction, and reports what arrived.
///
/// A crash or an error between two pages loses nothing: the pages before are counted, the slice is
/// read again and their ids are known. Thread-safe; borrows the account, of which it changes what
/// was logged.
class PageCounter {
 public:
  /// `in_baseline`: nothing of it arrives, it was there already.
  PageCounter(Account& account, bool in_baseline) : account_(account), in_baseline_(in_baseline) {}

  /// Stores `progress`, if there is one, with the page.
  Status Count(api::TaskPage page, const std::optional<ledger::Progress>& progress);

  /// Records so far.
  std::uint64_t Records() const { return records_; }

 private:
  void NoteOddCodes(const std::vector<Task>& tasks);

  Account& account_;
  bool in_baseline_;
  std::atomic<std::uint64_t> records_ = 0;
  std::mutex mutex_;  // Guards what was logged.
};

}  // namespace acronis::poll
