#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "plugin/ledger/sqlite/database.h"

namespace acronis::ledger::sqlite {

/// `file` and `sqlite3 DB '.dbinfo'` show it: "ACTE".
inline constexpr std::int64_t kApplicationId = 0x41435445;

/// How the rows are laid out in this version of the program.
inline constexpr std::int64_t kSchemaVersion = 2;

/// The step from one version to the next.
struct Migration {
  std::int64_t from = 0;
  std::string_view sql{};
};

/// Every step from the first version on, in order.
std::span<const Migration> Migrations();

/// Lays out an empty database, without a row in it.
void CreateSchema(Database& database);

/// Where the copy of a store of version `version` goes before it is migrated.
std::filesystem::path BackupPath(const std::filesystem::path& store, std::int64_t version);

/// Brings a store of an older version up to `target`, in one transaction, after copying it to
/// BackupPath(). A copy that is there already is from a try that was cut, and is replaced.
/// REQUIRES: no transaction is open.
void Migrate(Database& database, const std::filesystem::path& store,
             std::span<const Migration> steps, std::int64_t target);

}  // namespace acronis::ledger::sqlite
