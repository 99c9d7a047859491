#include "plugin/ledger/sqlite/schema.h"

#include <array>

#include "plugin/ledger/sqlite/durable_file.h"

namespace acronis::ledger::sqlite {
namespace {

// Times are nanoseconds since 1970 (UTC), in the server's time; `second` is whole seconds.
//
// One row a queue holds all that is counted of it: a page changes a few queues in many columns.
// Lists of buckets and of times are numbers with commas between; of buckets there is one more than
// there are bounds.
//
// `seen` has one row an id, the largest table by far: without a rowid and with whole seconds it
// stays below 25 bytes an id. Ordered by second, what is to be forgotten lies together.
constexpr std::string_view kSchema = R"sql(
CREATE TABLE store (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  store_id TEXT NOT NULL CHECK (length(store_id) = 32),
  commits INTEGER NOT NULL CHECK (commits >= 0),
  digest INTEGER NOT NULL,
  duration_bounds TEXT NOT NULL,
  queue_wait_bounds TEXT NOT NULL
) STRICT;
CREATE TABLE account (
  account INTEGER PRIMARY KEY CHECK (account > 0),
  name TEXT NOT NULL UNIQUE CHECK (name <> ''),
  base_url TEXT NOT NULL,
  tenant TEXT NOT NULL,
  filters TEXT NOT NULL,
  start_option TEXT NOT NULL,
  start_at INTEGER,
  baseline_end INTEGER,
  baseline_complete INTEGER NOT NULL CHECK (baseline_complete IN (0, 1)),
  watermark INTEGER,
  horizon INTEGER,
  last_sweep INTEGER,
  data_gap INTEGER NOT NULL CHECK (data_gap >= 0),
  received INTEGER NOT NULL,
  counted INTEGER NOT NULL CHECK (counted >= 0),
  duplicate INTEGER NOT NULL CHECK (duplicate >= 0),
  discarded_late INTEGER NOT NULL CHECK (discarded_late >= 0),
  invalid INTEGER NOT NULL CHECK (invalid >= 0),
  changed_result INTEGER NOT NULL CHECK (changed_result >= 0),
  changed_completion_time INTEGER NOT NULL CHECK (changed_completion_time >= 0),
  late INTEGER NOT NULL CHECK (late >= 0),
  passed_over TEXT NOT NULL DEFAULT '',
  CHECK (received = counted + duplicate + discarded_late + invalid)
) STRICT;
CREATE TABLE queue (
  queue INTEGER PRIMARY KEY CHECK (queue > 0),
  account INTEGER NOT NULL REFERENCES account,
  name TEXT NOT NULL,
  born_at INTEGER NOT NULL,
  revealed INTEGER NOT NULL CHECK (revealed IN (0, 1)),
  ok INTEGER NOT NULL CHECK (ok >= 0),
  warning INTEGER NOT NULL CHECK (warning >= 0),
  error INTEGER NOT NULL CHECK (error >= 0),
  cancelled INTEGER NOT NULL CHECK (cancelled >= 0),
  abandoned INTEGER NOT NULL CHECK (abandoned >= 0),
  timedout INTEGER NOT NULL CHECK (timedout >= 0),
  unknown INTEGER NOT NULL CHECK (unknown >= 0),
  last_ok INTEGER,
  last_warning INTEGER,
  last_error INTEGER,
  last_cancelled INTEGER,
  last_abandoned INTEGER,
  last_timedout INTEGER,
  last_unknown INTEGER,
  duration_sum_us INTEGER NOT NULL,
  duration_buckets TEXT NOT NULL,
  queue_wait_sum_us INTEGER NOT NULL,
  queue_wait_buckets TEXT NOT NULL,
  UNIQUE (account, name)
) STRICT;
CREATE TABLE seen (
  account INTEGER NOT NULL,
  second INTEGER NOT NULL,
  id INTEGER NOT NULL,
  result INTEGER NOT NULL CHECK (result BETWEEN 0 AND 6),
  PRIMARY KEY (account, second, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE moved (
  account INTEGER NOT NULL,
  id INTEGER NOT NULL,
  shown_second INTEGER NOT NULL,
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace

std::span<const Migration> Migrations() {
  static constexpr std::array kSteps = {Migration{
      .from = 1, .sql = "ALTER TABLE account ADD COLUMN passed_over TEXT NOT NULL DEFAULT ''"}};
  return kSteps;
}

void CreateSchema(Database& database) {
  database.Execute("PRAGMA application_id = " + std::to_string(kApplicationId));
  database.Execute("PRAGMA user_version = " + std::to_string(kSchemaVersion));
  database.Execute(std::string(kSchema));
}

std::filesystem::path BackupPath(const std::filesystem::path& store, std::int64_t version) {
  return store.string() + ".v" + std::to_string(version) + ".backup";
}

void Migrate(Database& database, const std::filesystem::path& store,
             std::span<const Migration> steps, std::int64_t target) {
  std::int64_t version = database.Integer("PRAGMA user_version");
  const std::filesystem::path backup = BackupPath(store, version);
  std::filesystem::path unfinished = backup;
  unfinished += ".new";
  RemoveFile(unfinished);
  {
    Statement copy(database, "VACUUM INTO ?");
    const std::string name = unfinished.string();
    copy.Bind(name).Run();
  }
  SyncFile(unfinished);
  RenameFile(unfinished, backup);
  database.Execute("BEGIN IMMEDIATE");
  for (const Migration& step : steps) {
    if (step.from == version && version < target) {
      database.Execute(std::string(step.sql));
      ++version;
    }
  }
  database.Execute("PRAGMA user_version = " + std::to_string(version));
  database.Execute("COMMIT");
}

}  // namespace acronis::ledger::sqlite
