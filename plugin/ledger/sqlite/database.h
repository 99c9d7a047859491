#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sqlite3.h>

namespace acronis::ledger::sqlite {

/// What SQLite did not like. Thrown inside this folder only: the store catches it at its own border
/// and returns a Result.
class SqlError : public std::runtime_error {
 public:
  /// `code` is SQLite's extended result code.
  SqlError(int code, const std::string& message) : std::runtime_error(message), code_(code) {}
  int Code() const { return code_; }
  /// An fsync failed: what the kernel holds is not what the disk holds, and trying again would hide
  /// it.
  bool IsFailedSync() const {
    return code_ == SQLITE_IOERR_FSYNC || code_ == SQLITE_IOERR_DIR_FSYNC;
  }
  /// The file is not what SQLite wrote, or not what this program laid out.
  bool IsDamage() const {
    constexpr int kPrimary = 0xFF;
    const int primary = code_ & kPrimary;
    return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || primary == SQLITE_ERROR;
  }

 private:
  int code_;
};

class Database;

/// One prepared statement. Used by one thread at a time; must not outlive its database.
class Statement {
 public:
  Statement(Database& database, std::string_view sql);

  /// Resets the statement and gives its parameters their values, in order.
  template <typename... Values>
  Statement& Bind(const Values&... values) {
    Reset();
    int index = 0;
    (BindOne(++index, values), ...);
    return *this;
  }
  /// The same for rows of numbers, one row behind the other.
  template <std::size_t Columns>
  Statement& BindRows(std::span<const std::array<std::int64_t, Columns>> rows) {
    Reset();
    int index = 0;
    for (const auto& row : rows) {
      for (const std::int64_t number : row) {
        BindOne(++index, number);
      }
    }
    return *this;
  }
  /// True: there is a row. False: the statement is done, and reset.
  bool Step();
  /// Steps to the end; rows are passed over.
  void Run();
  void Reset();

  std::int64_t Integer(int column) const;
  std::optional<std::int64_t> IntegerOrNull(int column) const;
  std::string Text(int column) const;

 private:
  void BindOne(int index, std::int64_t value);
  void BindOne(int index, int value) { BindOne(index, std::int64_t{value}); }
  void BindOne(int index, std::optional<std::int64_t> value);
  /// The text is not copied: it must live until the next Reset().
  void BindOne(int index, std::string_view value);
  void BindOne(int index, const std::string& value) { BindOne(index, std::string_view(value)); }
  void Check(int code) const;

  Database* database_;
  std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement_;
};

/// How a database is opened.
struct OpenMode {
  enum class Access {
    kReadWrite,
    kCreate,     ///< The file must not exist, or be empty.
    kImmutable,  ///< Reads the main file alone: no lock, no write-ahead log, nothing is changed.
  };
  Access access = Access::kReadWrite;
  std::string vfs{};  ///< Empty: the operating system's.
};

/// A connection to one SQLite database, used by one thread at a time.
class Database {
 public:
  Database(const std::filesystem::path& path, const OpenMode& mode);

  void Execute(const std::string& sql);
  /// First column of the first row.
  std::int64_t Integer(const std::string& sql);
  std::string Text(const std::string& sql);

  /// Leaves the write-ahead log as it is when the connection closes.
  void KeepLogOnClose(bool keep);
  /// A transaction is open.
  bool InTransaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
  /// Moves the write-ahead log into the main file, as far as possible; with `truncate` also empties
  /// the log.
  void Checkpoint(bool truncate);
  /// Frames in the write-ahead log after the last commit.
  int LogFrames() const { return log_frames_; }

  sqlite3* Handle() const { return handle_.get(); }
  [[noreturn]] void Throw(const std::string& doing) const;

  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() = default;

 private:
  static int NoteCommit(void* self, sqlite3* handle, const char* name, int frames);

  std::unique_ptr<sqlite3, int (*)(sqlite3*)> handle_;
  int log_frames_ = 0;
};

}  // namespace acronis::ledger::sqlite
