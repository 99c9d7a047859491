#include "plugin/ledger/sqlite/store_file.h"

#include <array>
#include <exception>
#include <random>
#include <string_view>
#include <utility>

#include "plugin/ledger/sqlite/durable_file.h"
#include "plugin/ledger/sqlite/file_system.h"
#include "plugin/ledger/sqlite/row_hash.h"

namespace acronis::ledger::sqlite {
namespace {

// The file's head, from https://www.sqlite.org/fileformat2.html.
constexpr std::size_t kHeadBytes = 100;
constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr std::size_t kVersionAt = 60;
constexpr std::size_t kApplicationAt = 68;

constexpr std::size_t kIdDigits = 32;

/// A file up to this size is checked in every detail, a larger one without its indices.
constexpr std::uintmax_t kThoroughBytes = std::uintmax_t{64} * 1024 * 1024;

/// What to do about a store that cannot be used.
constexpr std::string_view kAdvice =
    "; nothing was changed. Put a backup back and run \"store new-epoch\", or move the store away "
    "to "
    "begin anew with a new baseline (docs/correctness.md)";

/// Why a store is refused. Caught in OpenStoreFile().
class Refused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::uint32_t BigEndian(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (const char byte : bytes.substr(at, sizeof(number))) {
    number = (number << 8U) | static_cast<unsigned char>(byte);
  }
  return number;
}

void RefuseNewer(std::int64_t version, std::int64_t known) {
  if (version > known) {
    throw Refused("it was written by a newer version of this program (store version " +
                  std::to_string(version) + ", known up to " + std::to_string(known) +
                  "); install that version again; nothing was changed");
  }
}

/// What can be told without SQLite, which would take an empty file for an empty database.
void CheckHead(const StoreFileOptions& options) {
  const auto kind = std::filesystem::status(options.path).type();
  if (kind != std::filesystem::file_type::regular) {
    throw Refused(kind == std::filesystem::file_type::directory
                      ? "it is a folder; store.path must name a file"
                      : "it is not a file");
  }
  const std::string head = *ReadStart(options.path, kHeadBytes);
  if (head.size() < kHeadBytes || !head.starts_with(kMagic)) {
    throw Damaged("it does not begin as an SQLite database does");
  }
  if (BigEndian(head, kApplicationAt) != kApplicationId) {
    throw Refused("it is a database of another program; nothing was changed");
  }
  RefuseNewer(BigEndian(head, kVersionAt), options.version);
  if (std::filesystem::exists(JournalOf(options.path))) {
    throw Damaged("there is a rollback journal beside it (" + JournalOf(options.path).string() +
                  "), which this program never leaves");
  }
}

/// The store's id in the main file alone. Empty when it cannot be read there: a power cut in the
/// middle of a checkpoint leaves torn pages, whose whole ones are in the log.
std::string IdOfMainFile(const StoreFileOptions& options) {
  try {
    Database database(options.path, {.access = OpenMode::Access::kImmutable, .vfs = options.vfs});
    const std::string id = database.Text("SELECT store_id FROM store");
    const bool whole =
        id.size() == kIdDigits && id.find_first_not_of("0123456789abcdef") == std::string::npos;
    return whole ? id : std::string();
  } catch (const SqlError&) {
    return {};
  }
}

/// Whether the main file is a store without its log. After a power cut in the middle of a
/// checkpoint it is not, and nothing that is read there alone is to be believed: an id may be half
/// old, half new, and look like one.
bool IsWholeWithoutLog(const StoreFileOptions& options) {
  try {
    Database database(options.path, {.access = OpenMode::Access::kImmutable, .vfs = options.vfs});
    StoreTables(database).Load();
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void CheckIntegrity(const StoreFileOptions& options, Database& database) {
  const bool thorough = std::filesystem::file_size(options.path) <= kThoroughBytes;
  const std::string verdict =
      database.Text(thorough ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)");
  if (verdict != "ok") {
    throw Damaged(verdict);
  }
  if (database.Integer("PRAGMA application_id") != kApplicationId) {
    throw Damaged("its write-ahead log is of another program");
  }
}

void CheckAgainst(const std::string& id_of_main_file, const StoreFileOptions& options,
                  const StoreHead& head) {
  if (!id_of_main_file.empty() && id_of_main_file != head.id && IsWholeWithoutLog(options)) {
    throw Damaged("its write-ahead log belongs to another store");
  }
  const std::optional<Guard>& exposed = options.exposed;
  if (exposed && exposed->store_id == head.id && exposed->commits > head.commits) {
    throw Refused("it is older than what was already shown to Prometheus (commit " +
                  std::to_string(head.commits) + ", shown " + std::to_string(exposed->commits) +
                  "): a backup was put back, or its write-ahead log is gone. Going on would make "
                  "counters go back, and Prometheus would count everything again. Run \"store "
                  "new-epoch\" to begin at 0 with a new store id (docs/correctness.md)");
  }
}

void Configure(Database& database, const StoreFileOptions& options) {
  database.Execute("PRAGMA locking_mode = EXCLUSIVE");
  database.Execute("PRAGMA trusted_schema = OFF");
  database.Execute("PRAGMA cell_size_check = ON");
  database.Execute("PRAGMA temp_store = MEMORY");
  database.Execute("PRAGMA synchronous = " + options.synchronous);
}

/// A change of mode that fails is no error of the statement.
void UseLog(Database& database) {
  if (database.Text("PRAGMA journal_mode = WAL") != "wal") {
    throw Refused("it cannot be given a write-ahead log");
  }
}

/// Made under another name, so that the store's name never stands for half a store.
void Create(const StoreFileOptions& options, const StoreHead& bounds) {
  std::filesystem::path unfinished = options.path;
  unfinished += ".new";
  RemoveFile(JournalOf(unfinished));
  RemoveFile(LogOf(unfinished));
  MakeFile(unfinished);
  {
    Database database(unfinished, {.access = OpenMode::Access::kCreate, .vfs = options.vfs});
    Configure(database, options);
    database.Execute("BEGIN IMMEDIATE");
    CreateSchema(database);
    StoreTables tables(database);
    StoreHead head = bounds;
    head.id = NewStoreId();
    tables.Begin(head);
    database.Execute("COMMIT");
    // Now, and not under the store's own name: the change of mode takes a rollback journal.
    UseLog(database);
  }
  SyncFile(unfinished);
  RenameFile(unfinished, options.path);
}

void Take(const StoreFileOptions& options, OpenStore& store) {
  CheckHead(options);
  const std::string id_of_main_file = IdOfMainFile(options);
  store.database = std::make_unique<Database>(options.path, OpenMode{.vfs = options.vfs});
  Database& database = *store.database;
  database.KeepLogOnClose(true);
  if (sqlite3_db_readonly(database.Handle(), "main") == 1) {
    throw Refused("it cannot be written (check its owner and mode)");
  }
  Configure(database, options);
  CheckIntegrity(options, database);
  const std::int64_t version = database.Integer("PRAGMA user_version");
  RefuseNewer(version, options.version);
  if (version < options.version) {
    Migrate(database, options.path, options.migrations, options.version);
  }
  store.tables = std::make_unique<StoreTables>(database);
  store.accounts = store.tables->Load();
  CheckAgainst(id_of_main_file, options, store.tables->Head());
  database.KeepLogOnClose(false);
  database.Execute("PRAGMA foreign_keys = ON");
  UseLog(database);
  database.Execute("BEGIN IMMEDIATE; COMMIT");
  SyncFolder(options.path.parent_path());  // The log's name, too.
}

Result<StoreLock> LockStore(const StoreFileOptions& options) {
  const std::filesystem::path folder = options.path.parent_path();
  if (options.create) {
    MakeFolder(folder);
  } else if (!std::filesystem::exists(options.path)) {
    throw Refused("it does not exist");
  }
  if (auto checked = CheckFileSystem(folder); !checked) {
    return std::move(checked).error();
  }
  return StoreLock::Take(options.path);
}

void OpenOrThrow(const StoreFileOptions& options, const StoreHead& bounds, OpenStore& store) {
  if (!std::filesystem::exists(std::filesystem::symlink_status(options.path))) {
    if (std::filesystem::exists(LogOf(options.path))) {
      throw Damaged("it is missing, but its write-ahead log is there (" +
                    LogOf(options.path).string() + ")");
    }
    Create(options, bounds);
    store.created = true;
  }
  Take(options, store);
}

}  // namespace

std::string NewStoreId() {
  std::random_device random;
  const auto half = [&random] { return (std::uint64_t{random()} << 32U) | random(); };
  return ToHex(half()) + ToHex(half());
}

std::filesystem::path LogOf(const std::filesystem::path& store) {
  return store.string() + "-wal";
}

std::filesystem::path JournalOf(const std::filesystem::path& store) {
  return store.string() + "-journal";
}

Result<OpenStore> OpenStoreFile(const StoreFileOptions& options, const StoreHead& bounds) {
  const std::string where = "the store " + options.path.string() + " cannot be used: ";
  try {
    auto lock = LockStore(options);
    if (!lock) {
      return std::move(lock).error();
    }
    OpenStore store{.lock = std::make_unique<StoreLock>(std::move(*lock))};
    OpenOrThrow(options, bounds, store);
    return store;
  } catch (const Refused& refused) {
    return Error{ErrorKind::kStore, where + refused.what()};
  } catch (const Damaged& damaged) {
    return Error{ErrorKind::kStore,
                 where + "it is damaged: " + damaged.what() + std::string(kAdvice)};
  } catch (const SqlError& error) {
    const bool damaged = error.IsDamage();
    return Error{ErrorKind::kStore, where + (damaged ? "it is damaged: " : "") + error.what() +
                                        (damaged ? std::string(kAdvice) : std::string())};
  } catch (const std::exception& failure) {
    return Error{ErrorKind::kStore, where + failure.what()};
  }
}

void CloseStore(OpenStore& store) noexcept {
  store.tables.reset();
  try {
    if (store.database) {
      store.database->Checkpoint(true);
    }
  } catch (const std::exception&) {
    // The log keeps what the main file could not take; the next start reads both.
    store.database->KeepLogOnClose(true);
  }
  store.database.reset();
  store.lock.reset();
}

void AbandonStore(OpenStore& store) noexcept {
  store.tables.reset();
  if (store.database) {
    store.database->KeepLogOnClose(true);
  }
  store.database.reset();
  store.lock.reset();
}

}  // namespace acronis::ledger::sqlite
