#include "plugin/ledger/account_book.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <limits>
#include <utility>

namespace acronis::ledger {
namespace {

/// So many ids ahead the table is asked for, since it is too large for any cache.
constexpr std::size_t kAhead = 16;
constexpr std::int64_t kMostUs = std::numeric_limits<std::int64_t>::max();

void Observe(Histogram& histogram, const std::vector<double>& bounds,
             std::chrono::nanoseconds value) {
  const double seconds = std::chrono::duration<double>(value).count();
  const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin();
  ++histogram.buckets[static_cast<std::size_t>(bucket)];
  const auto us = std::chrono::floor<std::chrono::microseconds>(value).count();
  // A start in 1970 means that nobody knew it; a few thousand of them are more than there is room.
  histogram.sum_us = us < kMostUs - histogram.sum_us ? histogram.sum_us + us : kMostUs;
}

SeenTask Remember(const Task& task, bool by_update, Second newest) {
  const Second shown = SecondOf(*task.completed_at);
  const Second updated = by_update && task.updated_at ? SecondOf(*task.updated_at) : shown;
  return {.newest = std::max({newest, shown, updated}),
          .shown = shown,
          .result = ParseResultCode(task.result_code)};
}

std::size_t IndexOf(ResultCode code) {
  return static_cast<std::size_t>(code);
}

}  // namespace

AccountBook::AccountBook(std::string account, CountingRules rules, BookState state,
                         std::uint64_t generation)
    : account_(std::move(account)),
      rules_(std::move(rules)),
      progress_(state.progress),
      books_(state.books),
      seen_(std::move(state.seen)) {
  for (auto& [name, queue] : state.queues) {
    if (!queue.revealed && rules_.series_hold.count() > 0) {
      HoldBack(name, queue, generation);
    }
    queues_.emplace(name, std::move(queue.counts));
  }
}

void AccountBook::HoldBack(const std::string& name, const QueueState& queue,
                           std::uint64_t generation) {
  const auto [hold, added] = holds_.try_emplace(name);
  if (added) {
    hold->second.generation = generation;
    hold->second.shown = std::make_shared<const QueueCounts>(NewQueue(queue.counts->born_at));
  }
}

QueueCounts AccountBook::NewQueue(TimePoint born_at) const {
  QueueCounts queue;
  queue.born_at = born_at;
  queue.duration.buckets.resize(rules_.duration_bounds.size() + 1);
  queue.queue_wait.buckets.resize(rules_.queue_wait_bounds.size() + 1);
  return queue;
}

bool AccountBook::HoldsNewborn() const {
  // What is born during the baseline, and with its last commit, is shown with its value at once.
  return progress_.baseline_complete && rules_.series_hold.count() > 0;
}

BookChange AccountBook::Unchanged() const {
  BookChange change;
  change.progress = progress_;
  change.books = books_;
  return change;
}

bool AccountBook::IsNoChange(const BookChange& change) const {
  return change.progress == progress_ && change.books == books_ && change.queues.empty() &&
         change.seen.empty();
}

std::string_view AccountBook::Admit(std::string_view queue, std::size_t newborn) const {
  const std::size_t named =
      queues_.size() + newborn - (queues_.contains(std::string(kOtherQueue)) ? 1 : 0);
  return named < rules_.queue_limit ? queue : kOtherQueue;
}

QueueCounts& AccountBook::QueueIn(Pass& pass, const std::string& queue) const {
  const auto changed = pass.queues.find(queue);
  if (changed != pass.queues.end()) {
    return changed->second;
  }
  const auto known = queues_.find(queue);
  if (known != queues_.end()) {
    return pass.queues.emplace(queue, *known->second).first->second;
  }
  const auto newborn = static_cast<std::size_t>(
      std::count_if(pass.queues.begin(), pass.queues.end(), [this](const auto& entry) {
        return !queues_.contains(entry.first) && entry.first != kOtherQueue;
      }));
  const std::string_view name = Admit(queue, newborn);
  if (name != queue) {
    ++pass.Outcome().overflowed;
    return QueueIn(pass, std::string(name));
  }
  return pass.queues.emplace(queue, NewQueue(pass.page->server_time)).first->second;
}

bool AccountBook::IsForgotten(const SeenTask& seen) const {
  // Below the horizon an id counts as forgotten, whether or not the store has come to it.
  return progress_.horizon && seen.newest < SecondOf(*progress_.horizon);
}

BookChange AccountBook::Count(const PageCommit& page) const {
  return CountPages(std::array{&page});
}

BookChange AccountBook::CountPages(std::span<const PageCommit* const> pages) const {
  BookChange change = Unchanged();
  std::size_t tasks = 0;
  for (const PageCommit* const page : pages) {
    tasks += page->tasks.size();
  }
  Pass pass{.change = change};
  pass.met.reserve(tasks);
  change.seen.reserve(tasks);
  for (const PageCommit* const page : pages) {
    pass.page = page;
    change.outcomes.emplace_back();
    change.progress = page->progress.value_or(change.progress);
    change.books.received += page->tasks.size() + page->invalid;
    change.books.invalid += page->invalid;
    for (std::size_t n = 0; n < page->tasks.size(); ++n) {
      seen_.Prefetch(page->tasks[std::min(n + kAhead, page->tasks.size() - 1)].id);
      CountOne(page->tasks[n], pass);
    }
  }
  for (auto& [name, queue] : pass.queues) {
    const bool revealed = queues_.contains(name) ? IsRevealed(name) : !HoldsNewborn();
    change.queues.emplace(
        name, QueueState{std::make_shared<const QueueCounts>(std::move(queue)), revealed});
  }
  return change;
}

void AccountBook::CountOne(const Task& task, Pass& pass) const {
  BookChange& change = pass.change;
  const auto repeated = pass.met.find(task.id);
  const bool in_page = repeated != pass.met.end();
  const auto before =
      in_page ? std::optional(change.seen[repeated->second].now) : seen_.Find(task.id);
  if (!before || (!in_page && IsForgotten(*before))) {
    CountNew(task, before, pass);
    return;
  }
  ++change.books.duplicate;
  ++pass.Outcome().duplicate;
  const SeenTask now = Remember(task, pass.page->by_update, before->newest);
  change.books.changed_result += now.result != before->result ? 1 : 0;
  change.books.changed_completion_time += now.shown != before->shown ? 1 : 0;
  if (in_page) {
    change.seen[repeated->second].now = now;
  } else if (now != *before) {
    pass.met.emplace(task.id, change.seen.size());
    change.seen.push_back({.id = task.id, .now = now, .before = before});
  }
}

void AccountBook::CountNew(const Task& task, const std::optional<SeenTask>& forgotten,
                           Pass& pass) const {
  assert(task.completed_at);
  BookChange& change = pass.change;
  const TimePoint completed = *task.completed_at;
  if (progress_.horizon && completed < *progress_.horizon) {
    ++change.books.discarded_late;
    ++pass.Outcome().discarded_late;
    return;
  }
  if (progress_.baseline_complete && progress_.watermark && completed < *progress_.watermark) {
    ++change.books.late;
  }
  ++change.books.counted;
  ++pass.Outcome().counted;
  pass.Outcome().counted_completions.push_back(completed);
  pass.met.emplace(task.id, change.seen.size());
  change.seen.push_back(
      {.id = task.id, .now = Remember(task, pass.page->by_update, 0), .before = forgotten});
  AddTo(QueueIn(pass, task.queue), task, pass.page->server_time);
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

BookChange AccountBook::Advance(const ProgressCommit& commit) const {
  BookChange change = Unchanged();
  change.outcomes.resize(1);
  change.progress = commit.progress;
  for (const std::string& met : commit.queues_met) {
    if (queues_.contains(met) || change.queues.contains(met)) {
      continue;
    }
    const std::string name(
        Admit(met, change.queues.size() - change.queues.count(std::string(kOtherQueue))));
    if (!queues_.contains(name) && !change.queues.contains(name)) {
      change.queues.emplace(
          name, QueueState{std::make_shared<const QueueCounts>(NewQueue(commit.server_time)),
                           !HoldsNewborn()});
    }
  }
  return change;
}

BookChange AccountBook::Reveal(const std::vector<std::string>& queues) const {
  BookChange change = Unchanged();
  change.outcomes.resize(1);
  for (const std::string& name : queues) {
    change.queues.emplace(name, QueueState{queues_.at(name), true});
  }
  return change;
}

void AccountBook::Apply(const BookChange& change, std::uint64_t generation) {
  for (const auto& [name, queue] : change.queues) {
    queues_.insert_or_assign(name, queue.counts);
    if (queue.revealed) {
      holds_.erase(name);
    } else {
      HoldBack(name, queue, generation);
    }
  }
  for (std::size_t n = 0; n < change.seen.size(); ++n) {
    seen_.Prefetch(change.seen[std::min(n + kAhead, change.seen.size() - 1)].id);
    seen_.Put(change.seen[n].id, change.seen[n].now);
  }
  for (const std::int64_t id : change.forgotten) {
    seen_.Erase(id);
  }
  progress_ = change.progress;
  books_ = change.books;
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
  shown->start = progress_.start;
  shown->books = books_;
  shown->data_gap = progress_.data_gap;
  shown->dedupe_entries = seen_.Size();
  if (progress_.baseline_complete) {
    shown->watermark = progress_.watermark;
    shown->queues = queues_;
    for (const auto& [name, hold] : holds_) {
      shown->queues[name] = hold.shown;
    }
  }
  return shown;
}

}  // namespace acronis::ledger
