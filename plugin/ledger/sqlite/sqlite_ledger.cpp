#include "plugin/ledger/sqlite/sqlite_ledger.h"

#include <algorithm>
#include <cassert>
#include <exception>
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

std::string Quoted(const std::string& text) {
  return "'" + text + "'";
}

/// Who the name stands for in the store must be who it stands for now.
Status CheckIdentity(const AccountIdentity& stored, const AccountIdentity& now) {
  const auto differs = [&now](const char* what, const std::string& was, const std::string& is) {
    return Error{ErrorKind::kStore,
                 "account '" + now.name + "' stands for another " + what + " in the store (" +
                     Quoted(was) + ", now " + Quoted(is) +
                     "). Its tasks are not the same tasks: give the account another name, or run "
                     "\"store accept-account " +
                     now.name + "\" to go on with its counts all the same"};
  };
  if (stored.base_url != now.base_url) {
    return differs("base_url", stored.base_url, now.base_url);
  }
  if (stored.tenant != now.tenant) {
    return differs("tenant", stored.tenant, now.tenant);
  }
  return Ok{};
}

/// As the start says it, where nothing else names the store.
Error CannotWrite(const std::filesystem::path& store, const Error& why) {
  return {ErrorKind::kStore, "the store " + store.string() + " cannot be written: " + why.message};
}

Error Closed() {
  return {ErrorKind::kStore, "the store is closed"};
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
  strangers_ = std::move(store_.accounts);
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
  for (StoredAccount& account : strangers_) {
    for (auto& [name, queue] : account.state.queues) {
      queue = WithBounds(queue, rules, old);
    }
  }
  auto written = InTransaction([&] {
    for (const StoredAccount& account : strangers_) {
      WriteQueues(account);
    }
    store_.tables->WriteBounds(rules.duration_bounds, rules.queue_wait_bounds);
  });
  if (!written) {
    return CannotWrite(options_.store.path, written.error());
  }
  return Ok{};
}

void SqliteLedger::WriteQueues(const StoredAccount& account) const {
  for (const auto& [name, queue] : account.state.queues) {
    store_.tables->WriteQueue(account.key, name, queue);
  }
}

Result<Progress> SqliteLedger::Register(const AccountIdentity& account) {
  const bool twice = std::ranges::any_of(
      members_, [&](const auto& member) { return member->identity.name == account.name; });
  if (twice) {
    return Error{ErrorKind::kInvalidArgument, "account '" + account.name +
                                                  "' is registered already; account names must be "
                                                  "unique"};
  }
  const auto found = std::ranges::find_if(strangers_, [&](const StoredAccount& stored) {
    return stored.identity.name == account.name;
  });
  StoredAccount stored;
  if (found != strangers_.end()) {
    if (auto checked = CheckIdentity(found->identity, account); !checked) {
      return std::move(checked).error();
    }
    stored = std::move(*found);
    strangers_.erase(found);
  }
  if (auto enlisted = Enlist(std::move(stored), account); !enlisted) {
    return std::move(enlisted).error();
  }
  return members_.back()->book.CurrentProgress();
}

AccountIdentity SqliteLedger::Renewed(const AccountIdentity& stored,
                                      const AccountIdentity& now) const {
  if (stored.filters != now.filters) {
    deps_.log.Warn("filters changed, they take effect from now on",
                   {{"account", now.name}, {"before", stored.filters}, {"now", now.filters}});
  }
  if (stored.start != now.start) {
    deps_.log.Warn("poll.start changed and is ignored, the account has begun already",
                   {{"account", now.name}, {"begun_with", stored.start}, {"now", now.start}});
  }
  AccountIdentity identity = now;
  identity.start = stored.start;
  return identity;
}

Status SqliteLedger::WriteIdentity(StoredAccount& stored, const AccountIdentity& identity) {
  return InTransaction([&] {
    if (stored.key == 0) {
      stored.key = store_.tables->AddAccount(identity);
    } else {
      store_.tables->WriteAccount(stored.key, identity, stored.state.progress, stored.state.books);
    }
  });
}

Status SqliteLedger::Enlist(StoredAccount stored, const AccountIdentity& account) {
  const AccountIdentity identity = stored.key == 0 ? account : Renewed(stored.identity, account);
  if (stored.key == 0 || stored.identity != identity) {
    if (auto written = WriteIdentity(stored, identity); !written) {
      return CannotWrite(options_.store.path, written.error());
    }
  }
  members_.push_back(std::make_unique<Member>(Member{
      stored.key, identity, AccountBook(account.name, options_.rules, std::move(stored.state))}));
  auto next = std::make_shared<LedgerSnapshot>(*Snapshot());
  next->generation = store_.tables->Head().commits;
  next->accounts.push_back(members_.back()->book.Shown());
  const std::lock_guard lock(shown_mutex_);
  shown_ = std::move(next);
  return Ok{};
}

std::size_t SqliteLedger::IndexOf(std::string_view account) const {
  const auto found = std::ranges::find_if(
      members_, [&](const auto& member) { return member->identity.name == account; });
  assert(found != members_.end());
  return static_cast<std::size_t>(found - members_.begin());
}

std::future<Result<PageOutcome>> SqliteLedger::Submit(Job job) {
  std::call_once(writer_begins_, [this] { writer_ = std::thread([this] { Write(); }); });
  auto outcome = job.done.get_future();
  const std::size_t account = job.account;
  if (!jobs_.Push(account, std::move(job))) {
    job.done.set_value(Closed());  // NOLINT(bugprone-use-after-move): a refused job is left alone.
  }
  return outcome;
}

std::future<Result<PageOutcome>> SqliteLedger::CommitLater(std::string_view account,
                                                           const PageCommit& page) {
  return Submit({.account = IndexOf(account), .page = &page});
}

Status SqliteLedger::Advance(std::string_view account, const ProgressCommit& commit) {
  auto outcome =
      Submit({.account = IndexOf(account),
              .work_out = [&commit](const AccountBook& book) { return book.Advance(commit); }})
          .get();
  if (!outcome) {
    return std::move(outcome).error();
  }
  return Ok{};
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
  strangers_ = std::vector<StoredAccount>();
  while (true) {
    std::vector<Job> batch =
        jobs_.Pop(kMaxBatch, [](const Job& job) { return job.page != nullptr; });
    if (batch.empty()) {
      return;
    }
    RunBatch(batch);
  }
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
    const std::span<Job> jobs(first, last);
    first = last;
    BookChange change;
    bool nothing = false;
    {
      const std::lock_guard lock(books_mutex_);
      change = WorkOutOf(jobs);
      nothing = members_[jobs.front().account]->book.IsNoChange(change);
    }
    Worked one{jobs, std::move(change)};
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
  const AccountBook& book = members_[jobs.front().account]->book;
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
    AccountBook& book = members_[worked.Account()]->book;
    book.Apply(worked.change, next->generation);
    next->accounts[worked.Account()] = book.Shown();
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
    member->book.NoteServed(generation, now);
  }
}

std::optional<MonotonicTime> SqliteLedger::Tend(MonotonicTime now) noexcept {
  std::optional<MonotonicTime> next = TendGuard(now);
  const auto by = [&next](std::optional<MonotonicTime> time) {
    next = !next ? time : time ? std::min(*next, *time) : next;
  };
  for (std::size_t index = 0; index < members_.size(); ++index) {
    std::vector<std::string> due;
    {
      const std::lock_guard lock(books_mutex_);
      due = members_[index]->book.DueForReveal(now);
    }
    if (!due.empty() &&
        !Submit({.account = index,
                 .work_out = [&due](const AccountBook& book) { return book.Reveal(due); }})
             .get()) {
      by(now + kFirstPause);
      continue;
    }
    const std::lock_guard lock(books_mutex_);
    by(members_[index]->book.NextReveal());
  }
  return next;
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
  closed_ = true;
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
    bytes += member->book.SeenBytes();
  }
  return bytes;
}

}  // namespace acronis::ledger::sqlite
