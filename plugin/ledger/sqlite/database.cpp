#include "plugin/ledger/sqlite/database.h"

#include <utility>

namespace acronis::ledger::sqlite {
namespace {

/// A path as SQLite's URI wants it: `?`, `#` and `%` would end or change it.
std::string ToUri(const std::filesystem::path& path, std::string_view parameters) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char letter : path.string()) {
    const bool special = letter == '%' || letter == '?' || letter == '#';
    if (special) {
      const auto byte = static_cast<unsigned char>(letter);
      uri += {'%', kHex[byte / kHex.size()], kHex[byte % kHex.size()]};
    } else {
      uri += letter;
    }
  }
  return uri + std::string(parameters);
}

int FlagsOf(OpenMode::Access access) {
  constexpr int kCommon = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  switch (access) {
    case OpenMode::Access::kReadWrite:
      return kCommon | SQLITE_OPEN_READWRITE;
    case OpenMode::Access::kCreate:
      return kCommon | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    case OpenMode::Access::kImmutable:
      return kCommon | SQLITE_OPEN_READONLY;
  }
  return kCommon;
}

}  // namespace

Statement::Statement(Database& database, std::string_view sql)
    : database_(&database), statement_(nullptr, sqlite3_finalize) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database.Handle(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  statement_.reset(statement);
  Check(code);
}

void Statement::Check(int code) const {
  if (code != SQLITE_OK) {
    database_->Throw("SQL");
  }
}

bool Statement::Step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) {
    return true;
  }
  if (code == SQLITE_DONE) {
    Reset();
    return false;
  }
  const int extended = sqlite3_extended_errcode(database_->Handle());
  const std::string message = sqlite3_errmsg(database_->Handle());
  Reset();  // Would replace both.
  throw SqlError(extended, message);
}

void Statement::Run() {
  while (Step()) {
  }
}

void Statement::Reset() {
  sqlite3_reset(statement_.get());  // Its code repeats what the last step said.
}

std::int64_t Statement::Integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::optional<std::int64_t> Statement::IntegerOrNull(int column) const {
  if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) {
    return std::nullopt;
  }
  return Integer(column);
}

std::string Statement::Text(int column) const {
  const unsigned char* const text = sqlite3_column_text(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return text == nullptr ? std::string() : std::string(text, text + size);
}

void Statement::BindOne(int index, std::int64_t value) {
  Check(sqlite3_bind_int64(statement_.get(), index, value));
}

void Statement::BindOne(int index, std::optional<std::int64_t> value) {
  Check(value ? sqlite3_bind_int64(statement_.get(), index, *value)
              : sqlite3_bind_null(statement_.get(), index));
}

void Statement::BindOne(int index, std::string_view value) {
  Check(sqlite3_bind_text(statement_.get(), index, value.data(), static_cast<int>(value.size()),
                          SQLITE_STATIC));
}

Database::Database(const std::filesystem::path& path, const OpenMode& mode)
    : handle_(nullptr, sqlite3_close) {
  const bool immutable = mode.access == OpenMode::Access::kImmutable;
  const std::string uri = ToUri(path, immutable ? "?immutable=1" : "");
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(uri.c_str(), &handle, FlagsOf(mode.access),
                                   mode.vfs.empty() ? nullptr : mode.vfs.c_str());
  handle_.reset(handle);
  if (code != SQLITE_OK) {
    throw SqlError(code, handle == nullptr ? "out of memory" : sqlite3_errmsg(handle));
  }
  sqlite3_wal_hook(handle, NoteCommit, this);  // In place of the automatic checkpoint.
}

int Database::NoteCommit(void* self, sqlite3* /*handle*/, const char* /*name*/, int frames) {
  static_cast<Database*>(self)->log_frames_ = frames;
  return SQLITE_OK;
}

void Database::Throw(const std::string& doing) const {
  throw SqlError(sqlite3_extended_errcode(handle_.get()),
                 doing + ": " + sqlite3_errmsg(handle_.get()));
}

void Database::Execute(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw SqlError(sqlite3_extended_errcode(handle_.get()), sqlite3_errmsg(handle_.get()));
  }
}

// Both run to the end: the commit of a pragma that writes may fail there, and nobody would hear.

std::int64_t Database::Integer(const std::string& sql) {
  Statement statement(*this, sql);
  if (!statement.Step()) {
    return 0;
  }
  const std::int64_t first = statement.Integer(0);
  statement.Run();
  return first;
}

std::string Database::Text(const std::string& sql) {
  Statement statement(*this, sql);
  if (!statement.Step()) {
    return {};
  }
  std::string first = statement.Text(0);
  statement.Run();
  return first;
}

void Database::KeepLogOnClose(bool keep) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): the library's only way.
  sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep ? 1 : 0, nullptr);
}

void Database::Checkpoint(bool truncate) {
  int frames = 0;
  const int code = sqlite3_wal_checkpoint_v2(
      handle_.get(), "main", truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE,
      &frames, nullptr);
  if (code != SQLITE_OK) {
    Throw("checkpoint");
  }
  log_frames_ = 0;
}

}  // namespace acronis::ledger::sqlite
