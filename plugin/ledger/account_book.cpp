#include "plugin/ledger/account_book.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <unordered_map>
#include <utility>

namespace acronis::ledger {
namespace {

void Observe(Histogram& histogram, const std::vector<double>& bounds,
             std::chrono::nanoseconds value) {
  const double seconds = std::chrono::duration<double>(value).count();
  const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin();
  ++histogram.buckets[static_cast<std::size_t>(bucket)];
  histogram.sum_us += std::chrono::floor<std::chrono::microseconds>(value).count();
}

/// A counted task came again: it is a duplicate, perhaps a changed one.
void NoteRepeat(const Task& task, const SeenTask& seen, BookChange& change) {
  ++change.books.duplicate;
  ++change.outcome.duplicate;
  const SeenTask now{.completed_at = *task.completed_at,
                     .newest_completion = std::max(seen.newest_completion, *task.completed_at),
                     .result = ParseResultCode(task.result_code)};
  change.books.changed_result += now.result != seen.result ? 1 : 0;
  change.books.changed_completion_time += now.completed_at != seen.completed_at ? 1 : 0;
  if (now != seen) {
    change.seen.emplace_back(task.id, now);
  }
}

std::size_t IndexOf(ResultCode code) {
  return static_cast<std::size_t>(code);
}

}  // namespace

AccountBook::AccountBook(std::string account, CountingRules rules)
    : account_(std::move(account)),
      rules_(std::move(rules)),
      zero_(std::make_shared<const QueueCounts>(NewQueue())) {}

QueueCounts AccountBook::NewQueue() const {
  QueueCounts queue;
  queue.duration.buckets.resize(rules_.duration_bounds.size() + 1);
  queue.queue_wait.buckets.resize(rules_.queue_wait_bounds.size() + 1);
  return queue;
}

BookChange AccountBook::Unchanged() const {
  BookChange change;
  change.progress = progress_;
  change.books = books_;
  return change;
}

QueueCounts& AccountBook::QueueIn(std::map<std::string, QueueCounts>& queues,
                                  const std::string& name) const {
  const auto changed = queues.find(name);
  if (changed != queues.end()) {
    return changed->second;
  }
  const auto known = queues_.find(name);
  return queues.emplace(name, known == queues_.end() ? NewQueue() : *known->second).first->second;
}

BookChange AccountBook::Count(const PageCommit& page) const {
  BookChange change = Unchanged();
  change.progress = page.progress;
  change.books.received += page.tasks.size() + page.invalid;
  change.books.invalid += page.invalid;

  std::map<std::string, QueueCounts> queues;
  std::unordered_map<std::int64_t, std::size_t> in_page;  // Where `change.seen` has the id.
  for (const Task& task : page.tasks) {
    const auto repeated = in_page.find(task.id);
    const SeenTask* const seen =
        repeated == in_page.end() ? seen_.Find(task.id) : &change.seen[repeated->second].second;
    if (seen != nullptr) {
      const SeenTask before = *seen;
      NoteRepeat(task, before, change);
    } else {
      CountOne(task, page, change, queues);
    }
    if (!change.seen.empty() && change.seen.back().first == task.id) {
      in_page[task.id] = change.seen.size() - 1;
    }
  }
  for (auto& [name, queue] : queues) {
    change.queues.emplace(name, std::make_shared<const QueueCounts>(std::move(queue)));
  }
  return change;
}

void AccountBook::CountOne(const Task& task, const PageCommit& page, BookChange& change,
                           std::map<std::string, QueueCounts>& queues) const {
  assert(task.completed_at);
  const TimePoint completed = *task.completed_at;
  if (progress_.horizon && completed < *progress_.horizon) {
    ++change.books.discarded_late;
    ++change.outcome.discarded_late;
    return;
  }
  if (progress_.baseline_complete && progress_.watermark && completed < *progress_.watermark) {
    ++change.books.late;
  }
  ++change.books.counted;
  ++change.outcome.counted;
  change.outcome.counted_completions.push_back(completed);
  change.seen.emplace_back(task.id, SeenTask{.completed_at = completed,
                                             .newest_completion = completed,
                                             .result = ParseResultCode(task.result_code)});
  AddTo(QueueIn(queues, task.queue), task, page.server_time);
}

void AccountBook::AddTo(QueueCounts& queue, const Task& task, TimePoint server_time) const {
  const std::size_t code = IndexOf(ParseResultCode(task.result_code));
  ++queue.completed[code];

  // A clock ahead of the server's must not show a completion in the future.
  const TimePoint completed = std::min(*task.completed_at, server_time);
  auto& last = queue.last_completion[code];
  last = last ? std::max(*last, completed) : completed;

  if (!task.started_at) {
    return;
  }
  if (*task.completed_at >= *task.started_at) {
    Observe(queue.duration, rules_.duration_bounds, *task.completed_at - *task.started_at);
  }
  if (task.enqueued_at) {
    const auto waited = std::max(*task.started_at - *task.enqueued_at, std::chrono::nanoseconds(0));
    Observe(queue.queue_wait, rules_.queue_wait_bounds, waited);
  }
}

BookChange AccountBook::Advance(const Progress& progress,
                                std::span<const std::string> queues) const {
  BookChange change = Unchanged();
  change.progress = progress;
  for (const std::string& name : queues) {
    if (!queues_.contains(name)) {
      change.queues.emplace(name, zero_);
    }
  }
  return change;
}

void AccountBook::Apply(const BookChange& change, std::uint64_t generation) {
  // What is born during the baseline, and with its last commit, is shown with its value at once.
  const bool held = progress_.baseline_complete && rules_.series_hold.count() > 0;
  for (const auto& [name, queue] : change.queues) {
    const bool born = queues_.insert_or_assign(name, queue).second;
    if (born && held) {
      holds_.emplace(name, Hold{.generation = generation});
    }
  }
  for (const auto& [id, seen] : change.seen) {
    seen_.Put(id, seen);
  }
  progress_ = change.progress;
  books_ = change.books;
  if (progress_.horizon) {
    seen_.ForgetBelow(*progress_.horizon);
  }
}

void AccountBook::NoteServed(std::uint64_t generation, MonotonicTime now) {
  for (auto& [name, hold] : holds_) {
    if (hold.generation <= generation && !hold.served_at) {
      hold.served_at = now;
    }
  }
}

std::vector<std::string> AccountBook::DueForReveal(MonotonicTime now) const {
  std::vector<std::string> due;
  for (const auto& [name, hold] : holds_) {
    if (hold.served_at && now - *hold.served_at >= rules_.series_hold) {
      due.push_back(name);
    }
  }
  return due;
}

void AccountBook::Reveal(const std::vector<std::string>& queues) {
  for (const std::string& name : queues) {
    holds_.erase(name);
  }
}

std::optional<MonotonicTime> AccountBook::NextReveal() const {
  std::optional<MonotonicTime> next;
  for (const auto& [name, hold] : holds_) {
    if (hold.served_at && (!next || *hold.served_at + rules_.series_hold < *next)) {
      next = *hold.served_at + rules_.series_hold;
    }
  }
  return next;
}

std::shared_ptr<const AccountCounts> AccountBook::Shown() const {
  auto shown = std::make_shared<AccountCounts>();
  shown->account = account_;
  shown->baseline_complete = progress_.baseline_complete;
  shown->books = books_;
  shown->dedupe_entries = seen_.Size();
  if (progress_.baseline_complete) {
    shown->watermark = progress_.watermark;
    shown->queues = queues_;
    for (const auto& [name, hold] : holds_) {
      shown->queues[name] = zero_;
    }
  }
  return shown;
}

}  // namespace acronis::ledger
