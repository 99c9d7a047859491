#include "plugin/ledger/sqlite/sqlite_ledger.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace acronis::ledger::sqlite {
namespace {

using std::chrono::nanoseconds;

/// Changes that share a transaction.
constexpr std::size_t kMaxBatch = 64;
/// Forgotten per account and commit: faster than pages bring new ids in.
constexpr int kMaxForgotten = 2000;
constexpr std::uint64_t kPageBytes = 4096;

constexpr nanoseconds kFirstPause = std::chrono::seconds(1);
constexpr nanoseconds kLongestPause = std::chrono::seconds(60);
constexpr nanoseconds kGuardInterval = std::chrono::seconds(1);

StoreHead BoundsOf(const CountingRules& rules) {
  return {.duration_bounds = rules.duration_bounds, .queue_wait_bounds = rules.queue_wait_bounds};
}

/// The counts with the histograms emptied whose bounds are not the same any more.
QueueState WithBounds(const QueueState& queue, const CountingRules& rules, const StoreHead& old) {
  QueueCounts counts = *queue.counts;
  if (rules.duration_bounds != old.duration_bounds) {
    counts.duration = {.buckets = std::vector<std::uint64_t>(rules.duration_bounds.size() + 1)};
  }
  if (rules.queue_wait_bounds != old.queue_wait_bounds) {
    counts.queue_wait = {.buckets = std::vector<std::uint64_t>(rules.queue_wait_bounds.size() + 1)};
  }
  return {std::make_shared<const QueueCounts>(std::move(counts)), queue.revealed};
}

Error Closed() {
  return {ErrorKind::kStore, "the store is closed"};
}

Status WithoutOutcome(Result<PageOutcome> outcome) {
  return outcome ? Status(Ok{}) : Status(std::move(outcome).error());
}

}  // namespace

Result<std::unique_ptr<SqliteLedger>> SqliteLedger::Open(const SqliteLedgerOptions& options,
                                                         Deps deps) {
  SqliteLedgerOptions checked = options;
  if (!options.guard_path.empty()) {
    auto guard = GuardFile(options.guard_path).Read();
    if (guard) {
      checked.store.exposed = *guard;
    } else {
      deps.log.Warn("guard file is not usable, a store that was put back cannot be noticed",
                    {{"path", options.guard_path.string()}, {"error", guard.error().message}});
    }
  }
  auto store = OpenStoreFile(checked.store, BoundsOf(options.rules));
  if (!store) {
    deps.telemetry.StoreFailed(StoreOperation::kOpen);
    return std::move(store).error();
  }
  const auto& exposed = checked.store.exposed;
  const StoreHead& head = store->tables->Head();
  if (exposed && exposed->store_id != head.id) {
    deps.log.Warn("another store than the one last shown, its counters are other counters",
                  {{"store_id", head.id}, {"last_shown", exposed->store_id}});
  }
  deps.log.Info(store->created ? "store made" : "store opened",
                {{"path", options.store.path.string()},
                 {"store_id", head.id},
                 {"commits", std::to_string(head.commits)}});
  std::unique_ptr<SqliteLedger> ledger(new SqliteLedger(checked, deps, std::move(*store)));
  if (auto applied = ledger->ApplyBounds(); !applied) {
    return std::move(applied).error();
  }
  return Result<std::unique_ptr<SqliteLedger>>(std::move(ledger));
}

SqliteLedger::SqliteLedger(SqliteLedgerOptions options, Deps deps, OpenStore store)
    : options_(std::move(options)), deps_(std::move(deps)), store_(std::move(store)) {
  if (!options_.guard_path.empty()) {
    guard_.emplace(options_.guard_path);
  }
  for (StoredAccount& account : std::exchange(store_.accounts, {})) {
    index_.emplace(account.identity.name, members_.size());
    members_.push_back(std::make_unique<Member>(Member{.key = account.key,
                                                       .identity = std::move(account.identity),
                                                       .at_start = std::move(account.state)}));
  }
  auto first = std::make_shared<LedgerSnapshot>();
  const StoreHead& head = store_.tables->Head();
  first->generation = head.commits;
  first->store = {.id = head.id, .engine = "sqlite"};
  UpdateSize(*first);
  guarded_ = options_.store.exposed && options_.store.exposed->store_id == head.id
                 ? options_.store.exposed->commits
                 : 0;
  shown_ = std::move(first);
}

SqliteLedger::~SqliteLedger() {
  SqliteLedger::Close();
}

Status SqliteLedger::InTransaction(const std::function<void()>& write) {
  try {
    store_.database->Execute("BEGIN IMMEDIATE");
    write();
    store_.tables->Finish();
    store_.database->Execute("COMMIT");
    store_.tables->Committed();
    return Ok{};
  } catch (const SqlError& error) {
    const Error failure{ErrorKind::kStore, error.what()};
    RollBack(failure, error.IsFailedSync());
    return failure;
  }
}

Status SqliteLedger::ApplyBounds() {
  const StoreHead old = store_.tables->Head();
  const CountingRules& rules = options_.rules;
  if (old.duration_bounds == rules.duration_bounds &&
      old.queue_wait_bounds == rules.queue_wait_bounds) {
    return Ok{};
  }
  deps_.log.Warn("bucket bounds changed, the histograms concerned begin anew");
  for (const auto& member : members_) {
    for (auto& [name, queue] : member->at_start->queues) {
      queue = WithBounds(queue, rules, old);
    }
  }
  auto written = InTransaction([&] {
    for (const auto& member : members_) {
      WriteQueues(*member);
    }
    store_.tables->WriteBounds(rules.duration_bounds, rules.queue_wait_bounds);
  });
  if (!written) {
    return CannotWrite(written.error());
  }
  return Ok{};
}

void SqliteLedger::WriteQueues(const Member& member) const {
  for (const auto& [name, queue] : member.at_start->queues) {
    store_.tables->WriteQueue(member.key, name, queue);
  }
}

Error SqliteLedger::CannotWrite(const Error& why) const {
  return {ErrorKind::kStore,
          "the store " + options_.store.path.string() + " cannot be written: " + why.message};
}

Error SqliteLedger::NotRegistered(std::string_view account) {
  return {ErrorKind::kInvalidArgument, "account '" + std::string(account) +
                                           "' is not registered; nothing can be counted for it"};
}

Status SqliteLedger::InTurn(const RosterChange& change) {
  {
    const std::lock_guard lock(begin_mutex_);
    if (closed_) {
      return Closed();
    }
    if (!writing_) {
      return change(false);
    }
  }
  return WithoutOutcome(Submit({.alone = [&change] { return change(true); }}).get());
}

void SqliteLedger::BeginWriting() {
  const std::lock_guard lock(begin_mutex_);
  if (!closed_ && !std::exchange(writing_, true)) {
    writer_ = std::thread([this] { Write(); });
  }
}

std::future<Result<PageOutcome>> SqliteLedger::Submit(Job job) {
  BeginWriting();
  auto outcome = job.done.get_future();
  const std::size_t account = job.account;
  if (!jobs_.Push(account, std::move(job))) {
    job.done.set_value(Closed());  // NOLINT(bugprone-use-after-move): a refused job is left alone.
  }
  return outcome;
}

std::future<Result<PageOutcome>> SqliteLedger::CommitLater(std::string_view account,
                                                           const PageCommit& page) {
  return SubmitFor(account, {.page = &page});
}

Status SqliteLedger::Advance(std::string_view account, const ProgressCommit& commit) {
  return WithoutOutcome(
      SubmitFor(account,
                {.work_out = [&commit](const AccountBook& book) { return book.Advance(commit); }})
          .get());
}

std::future<Result<PageOutcome>> SqliteLedger::SubmitFor(std::string_view account, Job job) {
  job.account = IndexOf(account);
  if (job.account == kNoMember) {
    job.done.set_value(NotRegistered(account));
    return job.done.get_future();
  }
  return Submit(std::move(job));
}

Status SqliteLedger::CheckReady() {
  if (closed_) {
    return Closed();
  }
  const std::lock_guard lock(trouble_mutex_);
  if (trouble_ && (trouble_->for_good || deps_.clock.Monotonic() < trouble_->next_try)) {
    return trouble_->error;
  }
  return Ok{};
}

void SqliteLedger::Write() {
  for (const auto& member : members_) {
    member->at_start.reset();
  }
  while (true) {
    std::vector<Job> batch =
        jobs_.Pop(kMaxBatch, [](const Job& job) { return job.page != nullptr; });
    if (batch.empty()) {
      return;
    }
    RunAlone(batch);
    RunBatch(batch);
  }
}

void SqliteLedger::RunAlone(std::vector<Job>& batch) {
  for (Job& job : batch) {
    if (job.alone) {
      auto done = job.alone();
      job.done.set_value(done ? Result<PageOutcome>(PageOutcome{})
                              : Result<PageOutcome>(std::move(done).error()));
    }
  }
  std::erase_if(batch, [](const Job& job) { return job.alone != nullptr; });
}

void SqliteLedger::RunBatch(std::vector<Job>& batch) {
  Status ready = CheckReady();
  std::vector<Worked> worked = ready ? WorkOutAll(batch) : std::vector<Worked>();
  if (!ready) {
    for (Job& job : batch) {
      job.done.set_value(ready.error());
    }
  }
  if (worked.empty()) {
    return;
  }
  const MonotonicTime begin = deps_.clock.Monotonic();
  const Status stored = Store(worked);
  if (stored) {
    Publish(worked);
    deps_.telemetry.StoreCommitted(deps_.clock.Monotonic() - begin);
  }
  for (Worked& one : worked) {
    one.Answer(stored);
  }
  if (stored) {
    CheckpointIfLong();
  }
}

std::vector<SqliteLedger::Worked> SqliteLedger::WorkOutAll(std::vector<Job>& batch) {
  std::vector<Worked> worked;
  for (auto first = batch.begin(); first != batch.end();) {
    const auto last = std::find_if(first, batch.end(),
                                   [&](const Job& job) { return job.account != first->account; });
    Worked one{.jobs = std::span<Job>(first, last)};
    first = last;
    const Member& member = *members_[one.Account()];
    if (!member.book) {
      one.Answer(NotRegistered(member.identity.name));
      continue;
    }
    bool nothing = false;
    {
      const std::lock_guard lock(books_mutex_);
      one.change = WorkOutOf(one.jobs);
      nothing = member.book->IsNoChange(one.change);
    }
    if (nothing) {
      one.Answer(Ok{});
    } else {
      worked.push_back(std::move(one));
    }
  }
  return worked;
}

void SqliteLedger::Worked::Answer(const Status& stored) {
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].done.set_value(stored ? Result<PageOutcome>(std::move(change.outcomes[i]))
                                  : Result<PageOutcome>(stored.error()));
  }
}

BookChange SqliteLedger::WorkOutOf(std::span<const Job> jobs) const {
  const AccountBook& book = *members_[jobs.front().account]->book;
  if (jobs.front().page == nullptr) {
    return jobs.front().work_out(book);
  }
  std::vector<const PageCommit*> pages;
  for (const Job& job : jobs) {
    pages.push_back(job.page);
  }
  return book.CountPages(pages);
}

Status SqliteLedger::Store(std::vector<Worked>& batch) {
  auto stored = InTransaction([&] {
    for (Worked& worked : batch) {
      StoreOne(worked);
    }
  });
  if (stored) {
    NoteRecovery();
  }
  return stored;
}

void SqliteLedger::StoreOne(Worked& worked) {
  const Member& member = *members_[worked.Account()];
  BookChange& change = worked.change;
  StoreTables& tables = *store_.tables;
  tables.WriteAccount(member.key, member.identity, change.progress, change.books);
  for (const auto& [name, queue] : change.queues) {
    tables.WriteQueue(member.key, name, queue);
  }
  tables.WriteSeen(member.key, change.seen);
  if (change.progress.horizon) {
    doing_ = StoreOperation::kPrune;
    change.forgotten = tables.Prune(member.key, SecondOf(*change.progress.horizon), kMaxForgotten);
    doing_ = StoreOperation::kCommit;
  }
}

void SqliteLedger::RollBack(const Error& error, bool sync_failed) {
  store_.tables->RolledBack();
  deps_.telemetry.StoreFailed(std::exchange(doing_, StoreOperation::kCommit));
  try {
    if (store_.database->InTransaction()) {
      store_.database->Execute("ROLLBACK");
    }
  } catch (const SqlError&) {  // SQLite has rolled back by itself, or will with the next BEGIN.
  }
  NoteTrouble(error, sync_failed);
}

void SqliteLedger::CheckpointIfLong() {
  if (store_.database->LogFrames() < options_.store.longest_log) {
    return;
  }
  try {
    store_.database->Checkpoint(false);
    checkpoint_failing_ = false;
  } catch (const SqlError& error) {
    deps_.telemetry.StoreFailed(StoreOperation::kCommit);
    if (error.IsFailedSync()) {
      NoteTrouble({ErrorKind::kStore, error.what()}, true);
    } else if (!std::exchange(checkpoint_failing_, true)) {
      // Nothing is lost: the log keeps growing, and the next commit tries again.
      deps_.log.Warn("write-ahead log cannot be moved into the store",
                     {{"path", options_.store.path.string()}, {"error", error.what()}});
    }
  }
}

void SqliteLedger::NoteTrouble(const Error& error, bool for_good) {
  bool is_news = false;
  {
    const std::lock_guard lock(trouble_mutex_);
    is_news = !trouble_ || for_good;
    const nanoseconds pause = trouble_ ? std::min(trouble_->pause * 2, kLongestPause) : kFirstPause;
    trouble_ = Trouble{.error = error,
                       .pause = pause,
                       .next_try = deps_.clock.Monotonic() + pause,
                       .for_good = for_good};
  }
  if (is_news) {
    deps_.log.Error(for_good ? "store cannot be trusted any more, an fsync failed"
                             : "store does not work, what was committed stays served",
                    {{"path", options_.store.path.string()}, {"error", error.message}});
  }
  if (for_good && deps_.on_fatal) {
    deps_.on_fatal(error);
  }
}

void SqliteLedger::NoteRecovery() {
  {
    const std::lock_guard lock(trouble_mutex_);
    if (!trouble_ || trouble_->for_good) {
      return;
    }
    trouble_.reset();
  }
  deps_.log.Info("store works again", {{"path", options_.store.path.string()}});
}

void SqliteLedger::UpdateSize(LedgerSnapshot& snapshot) const {
  try {
    snapshot.store.size_bytes =
        kPageBytes * static_cast<std::uint64_t>(store_.database->Integer("PRAGMA page_count") +
                                                store_.database->LogFrames());
  } catch (const SqlError&) {  // The size of before is as good as any.
  }
}

void SqliteLedger::Publish(const std::vector<Worked>& batch) {
  auto next = std::make_shared<LedgerSnapshot>(*Snapshot());
  next->generation = store_.tables->Head().commits;
  UpdateSize(*next);
  for (const Worked& worked : batch) {
    const std::lock_guard lock(books_mutex_);
    Member& member = *members_[worked.Account()];
    member.book->Apply(worked.change, next->generation);
    next->accounts[member.place] = member.book->Shown();
    const std::uint64_t overflowed = std::accumulate(
        worked.change.outcomes.begin(), worked.change.outcomes.end(), std::uint64_t{0},
        [](std::uint64_t sum, const PageOutcome& outcome) { return sum + outcome.overflowed; });
    if (overflowed > 0) {
      deps_.telemetry.LabelOverflowed("queue", overflowed);
    }
  }
  const std::lock_guard lock(shown_mutex_);
  shown_ = std::move(next);
}

std::shared_ptr<const LedgerSnapshot> SqliteLedger::Snapshot() const noexcept {
  const std::lock_guard lock(shown_mutex_);
  return shown_;
}

void SqliteLedger::NoteServed(std::uint64_t generation, MonotonicTime now) noexcept {
  std::uint64_t served = served_;
  while (served < generation && !served_.compare_exchange_weak(served, generation)) {
  }
  const std::lock_guard lock(books_mutex_);
  for (const auto& member : members_) {
    if (member->book) {
      member->book->NoteServed(generation, now);
    }
  }
}

std::optional<MonotonicTime> SqliteLedger::Tend(MonotonicTime now) noexcept {
  std::optional<MonotonicTime> next = TendGuard(now);
  const auto by = [&next](std::optional<MonotonicTime> time) {
    next = !next ? time : time ? std::min(*next, *time) : next;
  };
  for (std::size_t index = 0; const auto due = DueOf(index, now); ++index) {
    if (!due->empty() &&
        !Submit({.account = index,
                 .work_out = [&due](const AccountBook& book) { return book.Reveal(*due); }})
             .get()) {
      by(now + kFirstPause);
      continue;
    }
    by(NextRevealOf(index));
  }
  return next;
}

std::optional<std::vector<std::string>> SqliteLedger::DueOf(std::size_t member,
                                                            MonotonicTime now) const {
  const std::lock_guard lock(books_mutex_);
  if (member >= members_.size()) {
    return std::nullopt;
  }
  const auto& book = members_[member]->book;
  return book ? book->DueForReveal(now) : std::vector<std::string>();
}

std::optional<MonotonicTime> SqliteLedger::NextRevealOf(std::size_t member) const {
  const std::lock_guard lock(books_mutex_);
  const auto& book = members_[member]->book;
  return book ? book->NextReveal() : std::nullopt;
}

std::optional<MonotonicTime> SqliteLedger::TendGuard(MonotonicTime now) {
  const std::uint64_t served = served_;
  const std::lock_guard lock(guard_mutex_);
  if (!guard_ || served <= guarded_) {
    return std::nullopt;
  }
  if (now < next_guard_) {
    return next_guard_;
  }
  WriteGuard(served);
  next_guard_ = now + (guard_failing_ ? kLongestPause : kGuardInterval);
  return guard_failing_ ? std::optional(next_guard_) : std::nullopt;
}

void SqliteLedger::WriteGuard(std::uint64_t commits) {
  const auto written = guard_->Write({.store_id = Snapshot()->store.id, .commits = commits});
  if (written) {
    guarded_ = commits;
  } else if (!guard_failing_) {
    deps_.log.Warn("guard file cannot be written, a store that is put back cannot be noticed",
                   {{"error", written.error().message}});
  }
  guard_failing_ = !written;
}

void SqliteLedger::Close() noexcept {
  std::call_once(closing_, [this] { CloseOnce(); });
}

void SqliteLedger::CloseOnce() {
  {
    const std::lock_guard lock(begin_mutex_);
    closed_ = true;
  }
  jobs_.Close();
  if (writer_.joinable()) {
    writer_.join();
  }
  {
    const std::lock_guard lock(guard_mutex_);
    if (guard_ && served_ > guarded_) {
      WriteGuard(served_);
    }
  }
  const std::lock_guard lock(trouble_mutex_);
  const bool believed = !trouble_ || !trouble_->for_good;
  believed ? CloseStore(store_) : AbandonStore(store_);
}

std::size_t SqliteLedger::SeenBytes() const {
  const std::lock_guard lock(books_mutex_);
  std::size_t bytes = 0;
  for (const auto& member : members_) {
    bytes += member->book ? member->book->SeenBytes() : 0;
  }
  return bytes;
}

}  // namespace acronis::ledger::sqlite
