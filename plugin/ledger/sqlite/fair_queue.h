#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace acronis::ledger::sqlite {

/// Jobs of several accounts, taken in turn: an account with many waits behind each that has one.
/// Thread-safe.
template <typename Job>
class FairQueue {
 public:
  /// False, and the job untouched, when the queue is closed.
  bool Push(std::size_t account, Job&& job) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) {
        return false;
      }
      waiting_[account].push_back(std::move(job));
    }
    changed_.notify_one();
    return true;
  }

  /// Waits for jobs and takes the first of each account, beginning behind the account that was
  /// served last, at most `limit` in all. While `joins(job)` holds for it and for the next one of
  /// its account, that is taken too and comes right behind it. Empty only when the queue is closed
  /// and nothing waits.
  template <typename Joins>
  std::vector<Job> Pop(std::size_t limit, Joins joins) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    std::vector<Job> batch;
    auto next = waiting_.upper_bound(last_);
    for (std::size_t left = waiting_.size(); left > 0 && batch.size() < limit; --left) {
      if (next == waiting_.end()) {
        next = waiting_.begin();
      }
      auto& waiting = next->second;
      do {
        batch.push_back(std::move(waiting.front()));
        waiting.pop_front();
      } while (!waiting.empty() && batch.size() < limit && joins(batch.back()) &&
               joins(waiting.front()));
      last_ = next->first;
      next = next->second.empty() ? waiting_.erase(next) : std::next(next);
    }
    return batch;
  }

  /// Nothing more comes in; what waits is still handed out.
  void Close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  // All guarded by mutex_.
  std::map<std::size_t, std::deque<Job>> waiting_;  ///< By account; none is empty.
  std::size_t last_ = 0;
  bool closed_ = false;
};

}  // namespace acronis::ledger::sqlite
