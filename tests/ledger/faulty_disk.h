#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include <sqlite3.h>

namespace acronis::test {

/// The calls by which SQLite uses a disk.
enum class DiskCall { kOpen, kRead, kWrite, kTruncate, kSync, kDelete, kFileSize };

/// A disk between SQLite and the real files that can fail and lose its power.
///
/// It passes everything on, and remembers for each file what was synced and what was written
/// since. CutPower() leaves the files as a real disk might: of what was not synced, any part has
/// arrived, in any order, whole, in part or not at all. Registered as an SQLite VFS under Name()
/// for its life. Thread-safe; used by one database at a time.
class FaultyDisk {
 public:
  FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;
  ~FaultyDisk();

  const std::string& Name() const { return name_; }

  /// Calls so far that change something: write, truncate, sync, delete.
  int Changes() const;
  /// Calls of one kind so far.
  int Calls(DiskCall call) const;

  /// The power goes when so many changes were made: the call after them and all later ones fail.
  void StopAfter(int changes);
  /// The call of that kind with that number (from 0, counted from now) returns the code, and so do
  /// `times` - 1 after it.
  void Fail(DiskCall call, int number, int code, int times = 1);
  /// No call fails any more.
  void Heal();
  /// The failure was met.
  bool Failed() const;

  /// Puts on the real files what may have survived since StopAfter() struck, or now.
  void CutPower(std::uint64_t seed);

 private:
  friend struct FaultyDiskVfs;

  struct Write {
    enum class Kind { kBytes, kTruncate } kind = Kind::kBytes;
    std::int64_t at = 0;
    std::string bytes{};
  };
  struct File {
    std::string synced{};
    std::vector<Write> pending{};
    bool removed = false;  ///< Not synced; the name may come back.
  };

  /// What to return instead of doing the call; SQLITE_OK: go on.
  int Before(DiskCall call);
  void NoteOpened(const std::string& path);
  void NoteWrite(const std::string& path, Write write);
  void NoteSync(const std::string& path);
  void NoteRemoved(const std::string& path);
  static void Apply(const Write& write, std::string& content);
  static std::string Survivor(const File& file, std::mt19937_64& random);

  std::string name_;
  sqlite3_vfs vfs_{};

  mutable std::mutex mutex_;
  // All guarded by mutex_.
  std::map<std::string, File> files_;
  std::map<DiskCall, int> calls_;
  int changes_ = 0;
  int stop_after_ = -1;
  bool dead_ = false;
  DiskCall fail_call_ = DiskCall::kOpen;
  int fail_from_ = -1;
  int fail_times_ = 0;
  int fail_code_ = 0;
  bool failed_ = false;
};

}  // namespace acronis::test
