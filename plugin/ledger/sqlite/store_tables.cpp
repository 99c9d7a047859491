#include "plugin/ledger/sqlite/store_tables.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>

#include "plugin/ledger/sqlite/row_hash.h"

namespace acronis::ledger::sqlite {
namespace {

enum Table : std::uint64_t { kStoreTable = 1, kAccountTable, kQueueTable, kSeenTable, kMovedTable };

std::optional<std::int64_t> ToNumber(const std::optional<TimePoint>& time) {
  return time ? std::optional(time->time_since_epoch().count()) : std::nullopt;
}

std::optional<TimePoint> ToTime(const std::optional<std::int64_t>& number) {
  return number ? std::optional(TimePoint(std::chrono::nanoseconds(*number))) : std::nullopt;
}

template <typename Number>
std::string Join(const std::vector<Number>& numbers) {
  std::string text;
  std::array<char, 32> digits{};
  for (const Number number : numbers) {
    const auto end = std::to_chars(digits.begin(), digits.end(), number).ptr;
    text += text.empty() ? "" : ",";
    text.append(digits.begin(), end);
  }
  return text;
}

template <typename Number>
std::vector<Number> Split(std::string_view text) {
  std::vector<Number> numbers;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (at != end) {
    Number number{};
    const auto read = std::from_chars(at, end, number);
    if (read.ec != std::errc() || (read.ptr != end && *read.ptr != ',')) {
      throw Damaged("a list of numbers reads '" + std::string(text) + "'");
    }
    numbers.push_back(number);
    at = read.ptr == end ? end : read.ptr + 1;
  }
  return numbers;
}

std::uint64_t HashOf(std::int64_t key, const AccountIdentity& identity, const Progress& progress,
                     const Books& books) {
  RowHash hash(kAccountTable);
  hash.Add(key).Add(identity.name).Add(identity.base_url).Add(identity.tenant);
  hash.Add(identity.filters).Add(identity.start);
  hash.Add(ToNumber(progress.start)).Add(ToNumber(progress.baseline_end));
  hash.Add(std::int64_t{progress.baseline_complete ? 1 : 0});
  hash.Add(ToNumber(progress.watermark)).Add(ToNumber(progress.horizon));
  hash.Add(ToNumber(progress.last_sweep)).Add(progress.data_gap.count());
  for (const std::uint64_t number :
       {books.received, books.counted, books.duplicate, books.discarded_late, books.invalid,
        books.changed_result, books.changed_completion_time, books.late}) {
    hash.Add(number);
  }
  for (const TimePoint time : progress.passed_over) {
    hash.Add(ToNumber(time));
  }
  return hash.Value();
}

std::uint64_t HashOf(std::int64_t key, std::int64_t account, const std::string& name,
                     const QueueState& queue) {
  const QueueCounts& counts = *queue.counts;
  RowHash hash(kQueueTable);
  hash.Add(key).Add(account).Add(name).Add(counts.born_at.time_since_epoch().count());
  hash.Add(std::int64_t{queue.revealed ? 1 : 0});
  for (std::size_t code = 0; code < kResultCodeCount; ++code) {
    hash.Add(counts.completed[code]).Add(ToNumber(counts.last_completion[code]));
  }
  hash.Add(counts.duration.sum_us).Add(counts.queue_wait.sum_us);
  for (const std::uint64_t bucket : counts.duration.buckets) {
    hash.Add(bucket);
  }
  for (const std::uint64_t bucket : counts.queue_wait.buckets) {
    hash.Add(bucket);
  }
  return hash.Value();
}

std::uint64_t HashOfSeen(std::int64_t account, std::int64_t id, Second newest, ResultCode result) {
  return RowHash(kSeenTable)
      .Add(account)
      .Add(id)
      .Add(std::int64_t{newest})
      .Add(static_cast<std::int64_t>(result))
      .Value();
}

std::uint64_t HashOfMoved(std::int64_t account, std::int64_t id, Second shown) {
  return RowHash(kMovedTable).Add(account).Add(id).Add(std::int64_t{shown}).Value();
}

/// The columns of `seen`.
using SeenRow = std::array<std::int64_t, 4>;

/// Rows that one statement adds: a statement a row spends more on beginning and ending than on the
/// row, and beyond some rows there is nothing more to gain.
constexpr std::size_t kRowsAtOnce = 20;

std::string AddSeenSql(std::size_t rows) {
  constexpr std::string_view kRow = "(?, ?, ?, ?)";
  std::string sql = "INSERT INTO seen (account, second, id, result) VALUES ";
  for (std::size_t row = 0; row < rows; ++row) {
    sql.append(row == 0 ? "" : ", ").append(kRow);
  }
  return sql;
}

StoredAccount& FindAccount(std::vector<StoredAccount>& accounts, std::int64_t key) {
  const auto found = std::ranges::find(accounts, key, &StoredAccount::key);
  if (found == accounts.end()) {
    throw Damaged("rows of account " + std::to_string(key) + ", which does not exist");
  }
  return *found;
}

Second ToSecond(std::int64_t number) {
  if (number < 0 || number > std::int64_t{std::numeric_limits<Second>::max()}) {
    throw Damaged("a time of " + std::to_string(number) + " s");
  }
  return static_cast<Second>(number);
}

ResultCode ToCode(std::int64_t number) {
  if (number < 0 || number >= static_cast<std::int64_t>(kResultCodeCount)) {
    throw Damaged("result code " + std::to_string(number));
  }
  return static_cast<ResultCode>(number);
}

QueueState ReadQueue(const Statement& row, int column) {
  QueueCounts counts;
  counts.born_at = *ToTime(row.Integer(column++));
  const bool revealed = row.Integer(column++) != 0;
  for (std::uint64_t& count : counts.completed) {
    count = static_cast<std::uint64_t>(row.Integer(column++));
  }
  for (auto& last : counts.last_completion) {
    last = ToTime(row.IntegerOrNull(column++));
  }
  counts.duration.sum_us = row.Integer(column++);
  counts.duration.buckets = Split<std::uint64_t>(row.Text(column++));
  counts.queue_wait.sum_us = row.Integer(column++);
  counts.queue_wait.buckets = Split<std::uint64_t>(row.Text(column++));
  return {std::make_shared<const QueueCounts>(std::move(counts)), revealed};
}

}  // namespace

std::string ToText(const std::vector<double>& bounds) {
  return Join(bounds);
}

std::string ToText(const std::vector<std::uint64_t>& counts) {
  return Join(counts);
}

std::string ToText(const std::vector<TimePoint>& times) {
  std::vector<std::int64_t> numbers;
  numbers.reserve(times.size());
  for (const TimePoint time : times) {
    numbers.push_back(time.time_since_epoch().count());
  }
  return Join(numbers);
}

struct StoreTables::Statements {
  explicit Statements(Database& database) : database_(database) {}

  Database& database_;
  // The name of a known account stays: setting it would write its index with every commit.
  Statement write_account{
      database_,
      "INSERT INTO account VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
      "?) "
      "ON CONFLICT (account) DO UPDATE SET base_url = excluded.base_url, "
      "tenant = excluded.tenant, filters = excluded.filters, "
      "start_option = excluded.start_option, start_at = excluded.start_at, "
      "baseline_end = excluded.baseline_end, baseline_complete = excluded.baseline_complete, "
      "watermark = excluded.watermark, horizon = excluded.horizon, "
      "last_sweep = excluded.last_sweep, data_gap = excluded.data_gap, "
      "received = excluded.received, counted = excluded.counted, "
      "duplicate = excluded.duplicate, discarded_late = excluded.discarded_late, "
      "invalid = excluded.invalid, changed_result = excluded.changed_result, "
      "changed_completion_time = excluded.changed_completion_time, late = excluded.late, "
      "passed_over = excluded.passed_over"};
  Statement write_queue{
      database_,
      "INSERT INTO queue VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
      "?) ON CONFLICT (queue) DO UPDATE SET revealed = excluded.revealed, ok = excluded.ok, "
      "warning = excluded.warning, error = excluded.error, cancelled = excluded.cancelled, "
      "abandoned = excluded.abandoned, timedout = excluded.timedout, "
      "unknown = excluded.unknown, last_ok = excluded.last_ok, "
      "last_warning = excluded.last_warning, last_error = excluded.last_error, "
      "last_cancelled = excluded.last_cancelled, last_abandoned = excluded.last_abandoned, "
      "last_timedout = excluded.last_timedout, last_unknown = excluded.last_unknown, "
      "duration_sum_us = excluded.duration_sum_us, "
      "duration_buckets = excluded.duration_buckets, "
      "queue_wait_sum_us = excluded.queue_wait_sum_us, "
      "queue_wait_buckets = excluded.queue_wait_buckets"};
  Statement add_seen{database_, AddSeenSql(1)};
  Statement add_seen_rows{database_, AddSeenSql(kRowsAtOnce)};
  Statement set_result{database_,
                       "UPDATE seen SET result = ? WHERE account = ? AND second = ? AND id = ?"};
  Statement remove_seen{database_, "DELETE FROM seen WHERE account = ? AND second = ? AND id = ?"};
  Statement add_moved{database_, "INSERT INTO moved (account, id, shown_second) VALUES (?, ?, ?)"};
  Statement remove_moved{database_, "DELETE FROM moved WHERE account = ? AND id = ?"};
  Statement find_moved{database_, "SELECT shown_second FROM moved WHERE account = ? AND id = ?"};
  Statement oldest{database_,
                   "SELECT second, id, result FROM seen WHERE account = ? AND second < ? "
                   "ORDER BY second, id LIMIT ?"};
  Statement finish{database_, "UPDATE store SET commits = ?, digest = ?"};
};

StoreTables::StoreTables(Database& database)
    : database_(database), statements_(std::make_shared<Statements>(database)) {}

std::uint64_t StoreTables::DigestWithHead() const {
  return digest_ + RowHash(kStoreTable)
                       .Add(head_.id)
                       .Add(head_.commits)
                       .Add(ToText(head_.duration_bounds))
                       .Add(ToText(head_.queue_wait_bounds))
                       .Value();
}

void StoreTables::Begin(const StoreHead& head) {
  head_ = head;
  Statement(database_, "INSERT INTO store VALUES (1, ?, ?, ?, ?, ?)")
      .Bind(head.id, static_cast<std::int64_t>(head.commits),
            static_cast<std::int64_t>(DigestWithHead()), ToText(head.duration_bounds),
            ToText(head.queue_wait_bounds))
      .Run();
}

/// What is read of one account, or of all.
struct StoreTables::Reading {
  std::optional<std::int64_t> only{};  ///< Empty: all.
  std::vector<StoredAccount> accounts{};
  std::map<std::int64_t, AccountRows> rows{};
  std::map<QueueName, Row> queues{};
  std::map<std::pair<std::int64_t, std::int64_t>, Second> moved{};

  /// `sql` up to its order, for the accounts that are read.
  Statement Select(Database& database, const std::string& sql, const char* order = "") const {
    Statement selected(database, sql + (only ? " WHERE account = ?" : "") + order);
    if (only) {
      selected.Bind(*only);
    }
    return selected;
  }
};

std::vector<StoredAccount> StoreTables::Load() {
  Reading reading;
  LoadHead();
  ReadRows(reading);
  accounts_ = std::move(reading.rows);
  queues_ = std::move(reading.queues);
  for (const auto& [account, rows] : accounts_) {
    digest_ += rows.digest;
  }
  for (const auto& [name, row] : queues_) {
    next_queue_ = std::max(next_queue_, row.key + 1);
  }
  const auto stored = static_cast<std::uint64_t>(database_.Integer("SELECT digest FROM store"));
  if (stored != DigestWithHead()) {
    throw Damaged("the digest over its rows is wrong");
  }
  Committed();
  return std::move(reading.accounts);
}

StoredAccount StoreTables::Read(std::int64_t account) {
  Reading reading{.only = account};
  ReadRows(reading);
  if (reading.accounts.empty()) {
    throw Damaged("the row of account " + std::to_string(account) + " is missing");
  }
  if (reading.rows[account].digest != accounts_[account].digest) {
    throw Damaged("the digest over the rows of account " + std::to_string(account) + " is wrong");
  }
  return std::move(reading.accounts.front());
}

void StoreTables::ReadRows(Reading& reading) {
  ReadAccounts(reading);
  ReadQueues(reading);
  ReadMoved(reading);
  ReadSeen(reading);
}

void StoreTables::LoadHead() {
  Statement row(database_,
                "SELECT store_id, commits, duration_bounds, queue_wait_bounds FROM store");
  if (!row.Step()) {
    throw Damaged("the row about the store is missing");
  }
  head_ = {.id = row.Text(0),
           .commits = static_cast<std::uint64_t>(row.Integer(1)),
           .duration_bounds = Split<double>(row.Text(2)),
           .queue_wait_bounds = Split<double>(row.Text(3))};
}

void StoreTables::ReadAccounts(Reading& reading) {
  Statement row = reading.Select(database_, "SELECT * FROM account", " ORDER BY account");
  while (row.Step()) {
    StoredAccount account{.key = row.Integer(0)};
    account.identity = {row.Text(1), row.Text(2), row.Text(3), row.Text(4), row.Text(5)};
    Progress& progress = account.state.progress;
    progress.start = ToTime(row.IntegerOrNull(6));
    progress.baseline_end = ToTime(row.IntegerOrNull(7));
    progress.baseline_complete = row.Integer(8) != 0;
    progress.watermark = ToTime(row.IntegerOrNull(9));
    progress.horizon = ToTime(row.IntegerOrNull(10));
    progress.last_sweep = ToTime(row.IntegerOrNull(11));
    progress.data_gap = std::chrono::nanoseconds(row.Integer(12));
    Books& books = account.state.books;
    int column = 13;
    for (std::uint64_t* const number :
         {&books.received, &books.counted, &books.duplicate, &books.discarded_late, &books.invalid,
          &books.changed_result, &books.changed_completion_time, &books.late}) {
      *number = static_cast<std::uint64_t>(row.Integer(column++));
    }
    for (const auto time : Split<std::int64_t>(row.Text(column))) {
      progress.passed_over.push_back(*ToTime(time));
    }
    const std::uint64_t hash = HashOf(account.key, account.identity, progress, books);
    reading.rows[account.key] = {.hash = hash, .digest = hash};
    reading.accounts.push_back(std::move(account));
  }
}

void StoreTables::ReadQueues(Reading& reading) {
  const std::size_t duration = head_.duration_bounds.size() + 1;
  const std::size_t queue_wait = head_.queue_wait_bounds.size() + 1;
  Statement row = reading.Select(database_, "SELECT * FROM queue", " ORDER BY queue");
  while (row.Step()) {
    const std::int64_t key = row.Integer(0);
    StoredAccount& account = FindAccount(reading.accounts, row.Integer(1));
    const std::string name = row.Text(2);
    QueueState queue = ReadQueue(row, 3);
    if (queue.counts->duration.buckets.size() != duration ||
        queue.counts->queue_wait.buckets.size() != queue_wait) {
      throw Damaged("queue '" + name + "' has not as many buckets as there are bounds");
    }
    const std::uint64_t hash = HashOf(key, account.key, name, queue);
    reading.queues[{account.key, name}] = {.key = key, .hash = hash};
    reading.rows[account.key].digest += hash;
    account.state.queues.emplace(name, std::move(queue));
  }
}

void StoreTables::ReadMoved(Reading& reading) {
  Statement row = reading.Select(database_, "SELECT account, id, shown_second FROM moved");
  while (row.Step()) {
    const Second shown = ToSecond(row.Integer(2));
    reading.rows[row.Integer(0)].digest += HashOfMoved(row.Integer(0), row.Integer(1), shown);
    reading.moved[{row.Integer(0), row.Integer(1)}] = shown;
  }
}

void StoreTables::ReadSeen(Reading& reading) {
  Statement count =
      reading.Select(database_, "SELECT account, COUNT(*) FROM seen", " GROUP BY account");
  while (count.Step()) {
    FindAccount(reading.accounts, count.Integer(0))
        .state.seen.Reserve(static_cast<std::size_t>(count.Integer(1)));
  }
  const auto& moved = reading.moved;
  Statement row = reading.Select(database_, "SELECT account, second, id, result FROM seen");
  StoredAccount* account = nullptr;
  std::uint64_t* digest = nullptr;
  while (row.Step()) {
    const std::int64_t key = row.Integer(0);
    const std::int64_t id = row.Integer(2);
    if (account == nullptr || account->key != key) {
      account = &FindAccount(reading.accounts, key);
      digest = &reading.rows[key].digest;
    }
    const Second newest = ToSecond(row.Integer(1));
    const ResultCode result = ToCode(row.Integer(3));
    *digest += HashOfSeen(key, id, newest, result);
    const auto shown = moved.empty() ? moved.end() : moved.find({key, id});
    account->state.seen.Put(id, {.newest = newest,
                                 .shown = shown == moved.end() ? newest : shown->second,
                                 .result = result});
  }
}

void StoreTables::AddToDigest(std::int64_t account, std::uint64_t difference) {
  AccountRows& rows = accounts_[account];
  undo_accounts_.emplace_back(account, rows);
  rows.digest += difference;
  digest_ += difference;
}

std::int64_t StoreTables::AddAccount(const AccountIdentity& identity) {
  const std::int64_t key = accounts_.empty() ? 1 : accounts_.rbegin()->first + 1;
  WriteAccount(key, identity, {}, {});
  return key;
}

void StoreTables::WriteAccount(std::int64_t key, const AccountIdentity& identity,
                               const Progress& progress, const Books& books) {
  const auto number = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  const std::string passed_over = ToText(progress.passed_over);
  statements_->write_account
      .Bind(key, identity.name, identity.base_url, identity.tenant, identity.filters,
            identity.start, ToNumber(progress.start), ToNumber(progress.baseline_end),
            progress.baseline_complete ? 1 : 0, ToNumber(progress.watermark),
            ToNumber(progress.horizon), ToNumber(progress.last_sweep), progress.data_gap.count(),
            number(books.received), number(books.counted), number(books.duplicate),
            number(books.discarded_late), number(books.invalid), number(books.changed_result),
            number(books.changed_completion_time), number(books.late), passed_over)
      .Run();
  const std::uint64_t hash = HashOf(key, identity, progress, books);
  AddToDigest(key, hash - accounts_[key].hash);
  accounts_[key].hash = hash;
}

void StoreTables::WriteQueue(std::int64_t account, const std::string& name,
                             const QueueState& queue) {
  Row& row = queues_[{account, name}];
  undo_queues_.emplace_back(QueueName(account, name), row);
  if (row.key == 0) {
    row.key = next_queue_++;
  }
  const QueueCounts& counts = *queue.counts;
  const auto done = [&](ResultCode code) {
    return static_cast<std::int64_t>(counts.completed[static_cast<std::size_t>(code)]);
  };
  const auto last = [&](ResultCode code) {
    return ToNumber(counts.last_completion[static_cast<std::size_t>(code)]);
  };
  using enum ResultCode;
  const std::string duration = ToText(counts.duration.buckets);
  const std::string queue_wait = ToText(counts.queue_wait.buckets);
  statements_->write_queue
      .Bind(row.key, account, name, counts.born_at.time_since_epoch().count(),
            queue.revealed ? 1 : 0, done(kOk), done(kWarning), done(kError), done(kCancelled),
            done(kAbandoned), done(kTimedOut), done(kUnknown), last(kOk), last(kWarning),
            last(kError), last(kCancelled), last(kAbandoned), last(kTimedOut), last(kUnknown),
            counts.duration.sum_us, duration, counts.queue_wait.sum_us, queue_wait)
      .Run();
  const std::uint64_t hash = HashOf(row.key, account, name, queue);
  AddToDigest(account, hash - row.hash);
  row.hash = hash;
}

void StoreTables::WriteSeen(std::int64_t account, std::span<const SeenChange> changes) {
  std::vector<SeenRow> rows;
  rows.reserve(changes.size());
  std::uint64_t difference = 0;
  for (const SeenChange& change : changes) {
    const SeenTask& now = change.now;
    const bool same_place = change.before && change.before->newest == now.newest;
    const auto result = static_cast<std::int64_t>(now.result);
    if (change.before) {
      difference -= TakeBack(account, change.id, *change.before, !same_place);
    }
    if (same_place) {
      statements_->set_result.Bind(result, account, std::int64_t{now.newest}, change.id).Run();
    } else {
      rows.push_back({account, std::int64_t{now.newest}, change.id, result});
    }
    difference += HashOfSeen(account, change.id, now.newest, now.result);
    if (now.shown != now.newest) {
      difference += HashOfMoved(account, change.id, now.shown);
      statements_->add_moved.Bind(account, change.id, std::int64_t{now.shown}).Run();
    }
  }
  std::span<const SeenRow> left(rows);
  for (; left.size() >= kRowsAtOnce; left = left.subspan(kRowsAtOnce)) {
    statements_->add_seen_rows.BindRows(left.first(kRowsAtOnce)).Run();
  }
  for (; !left.empty(); left = left.subspan(1)) {
    statements_->add_seen.BindRows(left.first(1)).Run();
  }
  AddToDigest(account, difference);
}

std::uint64_t StoreTables::TakeBack(std::int64_t account, std::int64_t id, const SeenTask& seen,
                                    bool with_row) {
  std::uint64_t hash = HashOfSeen(account, id, seen.newest, seen.result);
  if (with_row) {
    statements_->remove_seen.Bind(account, std::int64_t{seen.newest}, id).Run();
  }
  if (seen.shown != seen.newest) {
    hash += HashOfMoved(account, id, seen.shown);
    statements_->remove_moved.Bind(account, id).Run();
  }
  return hash;
}

std::vector<std::int64_t> StoreTables::Prune(std::int64_t account, Second below, int limit) {
  std::vector<std::pair<Second, std::int64_t>> rows;
  std::uint64_t gone = 0;
  Statement& oldest = statements_->oldest.Bind(account, std::int64_t{below}, limit);
  while (oldest.Step()) {
    const Second second = ToSecond(oldest.Integer(0));
    rows.emplace_back(second, oldest.Integer(1));
    gone += HashOfSeen(account, oldest.Integer(1), second, ToCode(oldest.Integer(2)));
  }
  std::vector<std::int64_t> ids;
  for (const auto& [second, id] : rows) {
    statements_->remove_seen.Bind(account, std::int64_t{second}, id).Run();
    Statement& moved = statements_->find_moved.Bind(account, id);
    if (moved.Step()) {
      gone += HashOfMoved(account, id, ToSecond(moved.Integer(0)));
      moved.Reset();
      statements_->remove_moved.Bind(account, id).Run();
    }
    ids.push_back(id);
  }
  AddToDigest(account, -gone);
  return ids;
}

void StoreTables::WriteBounds(const std::vector<double>& duration,
                              const std::vector<double>& queue_wait) {
  head_.duration_bounds = duration;
  head_.queue_wait_bounds = queue_wait;
  Statement(database_, "UPDATE store SET duration_bounds = ?, queue_wait_bounds = ?")
      .Bind(ToText(duration), ToText(queue_wait))
      .Run();
}

void StoreTables::Renew(const std::string& id) {
  for (const char* const table : {"moved", "seen", "queue", "account"}) {
    database_.Execute(std::string("DELETE FROM ") + table);
  }
  Statement(database_, "UPDATE store SET store_id = ?").Bind(id).Run();
  head_.id = id;
  head_.commits = 0;
  digest_ = 0;
  accounts_.clear();
  queues_.clear();
  next_queue_ = 1;
}

void StoreTables::Finish() {
  ++head_.commits;
  statements_->finish
      .Bind(static_cast<std::int64_t>(head_.commits), static_cast<std::int64_t>(DigestWithHead()))
      .Run();
}

void StoreTables::Committed() {
  committed_digest_ = digest_;
  committed_head_ = head_;
  committed_next_queue_ = next_queue_;
  undo_accounts_.clear();
  undo_queues_.clear();
}

void StoreTables::RolledBack() {
  digest_ = committed_digest_;
  head_ = committed_head_;
  next_queue_ = committed_next_queue_;
  // From the last to the first: a row that was written twice ends as it began.
  std::ranges::reverse(undo_accounts_);
  for (const auto& [key, rows] : undo_accounts_) {
    accounts_[key] = rows;
  }
  std::ranges::reverse(undo_queues_);
  for (const auto& [name, row] : undo_queues_) {
    queues_[name] = row;
  }
  undo_accounts_.clear();
  undo_queues_.clear();
}

}  // namespace acronis::ledger::sqlite
