#pragma once

#include <atomic>
#include <cstdint>
#include <future>
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
  /// The page of one walk that is on its way into the ledger, while the next is fetched. One thread
  /// at a time. Waits at the end of its life.
  class Lane {
   public:
    explicit Lane(PageCounter& counter) : counter_(counter) {}
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;
    ~Lane();

    /// Begins to count `page`, once the page before is counted; returns what became of that. If it
    /// failed, `page` is not counted.
    Status Begin(api::TaskPage page);
    /// Waits until everything that was begun is counted.
    Status Wait();

   private:
    PageCounter& counter_;
    api::TaskPage page_{};
    ledger::PageCommit commit_{};
    std::future<Result<ledger::PageOutcome>> outcome_{};
  };

  /// `in_baseline`: nothing of it arrives, it was there already.
  PageCounter(Account& account, bool in_baseline) : account_(account), in_baseline_(in_baseline) {}

  /// Counts `page` and waits for it. Stores `progress`, if there is one, with it.
  Status Count(api::TaskPage page, const std::optional<ledger::Progress>& progress);

  /// Records so far.
  std::uint64_t Records() const { return records_; }

 private:
  /// Makes `page` ready to be counted.
  ledger::PageCommit Prepare(api::TaskPage& page);
  Status Settle(const api::TaskPage& page, const ledger::PageCommit& commit,
                const Result<ledger::PageOutcome>& outcome);
  void NoteOddCodes(const std::vector<Task>& tasks);

  Account& account_;
  bool in_baseline_;
  std::atomic<std::uint64_t> records_ = 0;
  std::mutex mutex_;  // Guards what was logged.
};

}  // namespace acronis::poll
