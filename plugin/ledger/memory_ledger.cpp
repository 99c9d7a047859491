#include "plugin/ledger/memory_ledger.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace acronis::ledger {

MemoryLedger::MemoryLedger(CountingRules rules, Clock& clock, Telemetry& telemetry)
    : rules_(std::move(rules)),
      clock_(clock),
      telemetry_(telemetry),
      shown_(std::make_shared<const LedgerSnapshot>()) {}

std::size_t MemoryLedger::IndexOf(std::string_view account) const {
  const auto found = std::find(accounts_.begin(), accounts_.end(), account);
  assert(found != accounts_.end());
  return static_cast<std::size_t>(found - accounts_.begin());
}

Result<Progress> MemoryLedger::Register(const std::string& account) {
  const std::lock_guard lock(mutex_);
  if (std::find(accounts_.begin(), accounts_.end(), account) != accounts_.end()) {
    return Error{ErrorKind::kInvalidArgument,
                 "account '" + account + "' is registered already; account names must be unique"};
  }
  accounts_.push_back(account);
  books_.emplace_back(account, rules_);
  Publish(books_.size() - 1);
  return books_.back().CurrentProgress();
}

void MemoryLedger::Make(std::size_t index, const BookChange& change) {
  const MonotonicTime begin = clock_.Monotonic();
  books_[index].Apply(change, shown_->generation + 1);
  Publish(index);
  telemetry_.StoreCommitted(clock_.Monotonic() - begin);
}

void MemoryLedger::Publish(std::size_t index) {
  auto next = std::make_shared<LedgerSnapshot>(*shown_);
  ++next->generation;
  next->accounts.resize(books_.size());
  next->accounts[index] = books_[index].Shown();
  shown_ = std::move(next);
}

Result<PageOutcome> MemoryLedger::Commit(std::string_view account, const PageCommit& page) {
  const std::lock_guard lock(mutex_);
  const std::size_t index = IndexOf(account);
  BookChange change = books_[index].Count(page);
  Make(index, change);
  return std::move(change.outcome);
}

Status MemoryLedger::Advance(std::string_view account, const Progress& progress,
                             std::span<const std::string> queues_met) {
  const std::lock_guard lock(mutex_);
  const std::size_t index = IndexOf(account);
  const BookChange change = books_[index].Advance(progress, queues_met);
  if (change.queues.empty() && change.progress == books_[index].CurrentProgress()) {
    return Ok{};
  }
  Make(index, change);
  return Ok{};
}

std::shared_ptr<const LedgerSnapshot> MemoryLedger::Snapshot() const noexcept {
  const std::lock_guard lock(mutex_);
  return shown_;
}

void MemoryLedger::NoteServed(std::uint64_t generation, MonotonicTime now) noexcept {
  const std::lock_guard lock(mutex_);
  for (AccountBook& book : books_) {
    book.NoteServed(generation, now);
  }
}

std::optional<MonotonicTime> MemoryLedger::RevealDue(MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  std::optional<MonotonicTime> next;
  for (std::size_t index = 0; index < books_.size(); ++index) {
    AccountBook& book = books_[index];
    const std::vector<std::string> due = book.DueForReveal(now);
    if (!due.empty()) {
      book.Reveal(due);
      Publish(index);
    }
    const auto waiting = book.NextReveal();
    if (waiting && (!next || *waiting < *next)) {
      next = waiting;
    }
  }
  return next;
}

}  // namespace acronis::ledger
