#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plugin/core/result.h"
#include "plugin/ledger/sqlite/database.h"
#include "plugin/ledger/sqlite/guard_file.h"
#include "plugin/ledger/sqlite/schema.h"
#include "plugin/ledger/sqlite/store_lock.h"
#include "plugin/ledger/sqlite/store_tables.h"

namespace acronis::ledger::sqlite {

struct StoreFileOptions {
  std::filesystem::path path{};
  bool create = true;              ///< Make it when it is missing.
  std::optional<Guard> exposed{};  ///< What scrapes have seen; a store behind it is refused.
  // For tests.
  std::string vfs{};
  std::string synchronous = "FULL";
  std::span<const Migration> migrations = Migrations();
  std::int64_t version = kSchemaVersion;
  /// The write-ahead log is moved into the main file when it is longer; 1000 frames are 4 MiB.
  int longest_log = 1000;
};

/// A store in our hands: locked, checked, read, and ready to be written. In the order in which its
/// parts need one another.
struct OpenStore {
  std::unique_ptr<StoreLock> lock{};
  std::unique_ptr<Database> database{};
  std::unique_ptr<StoreTables> tables{};
  std::vector<StoredAccount> accounts{};
  bool created = false;
};

/// Opens the store, and makes it when it is missing. Whatever is wrong with a store that exists is
/// an error that says what to do, and leaves every byte of it as it was: a damaged store is never
/// replaced by an empty one. `bounds` are those of a new store.
Result<OpenStore> OpenStoreFile(const StoreFileOptions& options, const StoreHead& bounds);

/// Brings everything into the main file and closes.
void CloseStore(OpenStore& store) noexcept;

/// Closes and leaves the files as they are, as a killed process would: for a disk that cannot be
/// believed any more.
void AbandonStore(OpenStore& store) noexcept;

/// 128 random bits as 32 digits.
std::string NewStoreId();

/// The files that belong to a store besides itself.
std::filesystem::path LogOf(const std::filesystem::path& store);
std::filesystem::path JournalOf(const std::filesystem::path& store);

}  // namespace acronis::ledger::sqlite
