#include "tests/bench/bare_store.h"

#include <chrono>

#include <sqlite3.h>

namespace acronis::bench {
namespace {

using ledger::sqlite::Database;
using ledger::sqlite::OpenMode;
using ledger::sqlite::Statement;

/// The statements below need the tables.
Database& Prepared(Database& database) {
  database.Execute(
      "PRAGMA locking_mode = EXCLUSIVE;"
      "PRAGMA journal_mode = WAL;"
      "PRAGMA synchronous = FULL;"
      "CREATE TABLE IF NOT EXISTS seen (id INTEGER PRIMARY KEY, second INTEGER NOT NULL);"
      "CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL)"
      "  WITHOUT ROWID;");
  // The library's own setting, which a database of ours replaces.
  sqlite3_wal_autocheckpoint(database.Handle(), 1000);
  return database;
}

}  // namespace

BareStore::BareStore(const std::filesystem::path& path)
    : database_(path, {.access = OpenMode::Access::kCreate}),
      add_id_(Prepared(database_), "INSERT OR IGNORE INTO seen VALUES (?, ?)"),
      add_to_counter_(database_,
                      "INSERT INTO counter VALUES (?, ?) "
                      "ON CONFLICT (name) DO UPDATE SET value = value + excluded.value") {}

std::uint64_t BareStore::Commit(std::span<const Task> tasks) {
  database_.Execute("BEGIN IMMEDIATE");
  std::map<std::string, std::int64_t> counters;
  std::uint64_t counted = 0;
  for (const Task& task : tasks) {
    const auto second = std::chrono::floor<std::chrono::seconds>(*task.completed_at);
    add_id_.Bind(task.id, std::int64_t{second.time_since_epoch().count()}).Run();
    if (sqlite3_changes(database_.Handle()) > 0) {
      ++counted;
      ++counters[task.queue + "/" + task.result_code];
    }
  }
  for (const auto& [name, increase] : counters) {
    add_to_counter_.Bind(name, increase).Run();
  }
  database_.Execute("COMMIT");
  return counted;
}

std::unordered_map<std::int64_t, std::int64_t> BareStore::ReadIds() {
  std::unordered_map<std::int64_t, std::int64_t> ids;
  Statement row(database_, "SELECT id, second FROM seen");
  while (row.Step()) {
    ids.emplace(row.Integer(0), row.Integer(1));
  }
  return ids;
}

}  // namespace acronis::bench
