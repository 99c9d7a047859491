#include "tests/ledger/faulty_disk.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <iterator>
#include <new>
#include <utility>

namespace acronis::test {
namespace {

constexpr std::size_t kSector = 512;

std::string ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool IsChange(DiskCall call) {
  return call == DiskCall::kWrite || call == DiskCall::kTruncate || call == DiskCall::kSync ||
         call == DiskCall::kDelete;
}

}  // namespace

/// SQLite's view of the disk: one real VFS and one real file behind each of ours.
struct FaultyDiskVfs {
  struct File {
    sqlite3_file base;
    FaultyDisk* disk;
    std::string* path;
    sqlite3_file* real;
  };

  static sqlite3_vfs* Real() { return sqlite3_vfs_find("unix"); }
  static FaultyDisk& DiskOf(sqlite3_vfs* vfs) { return *static_cast<FaultyDisk*>(vfs->pAppData); }
  static File& Mine(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }

  static int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    file->pMethods = nullptr;
    FaultyDisk& disk = DiskOf(vfs);
    if (const int code = disk.Before(DiskCall::kOpen); code != SQLITE_OK) {
      return code;
    }
    auto& mine = Mine(file);
    mine.real = reinterpret_cast<sqlite3_file*>(&mine + 1);
    if (const int code = Real()->xOpen(Real(), name, mine.real, flags, out); code != SQLITE_OK) {
      return code;
    }
    mine.disk = &disk;
    mine.path = new std::string(name == nullptr ? "" : name);
    mine.base.pMethods = Methods();
    disk.NoteOpened(*mine.path);
    return SQLITE_OK;
  }

  static int Close(sqlite3_file* file) {
    auto& mine = Mine(file);
    delete mine.path;
    return mine.real->pMethods->xClose(mine.real);
  }

  static int Read(sqlite3_file* file, void* bytes, int size, sqlite3_int64 at) {
    auto& mine = Mine(file);
    const int code = mine.disk->Before(DiskCall::kRead);
    return code != SQLITE_OK ? code : mine.real->pMethods->xRead(mine.real, bytes, size, at);
  }

  static int Write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
    auto& mine = Mine(file);
    if (const int code = mine.disk->Before(DiskCall::kWrite); code != SQLITE_OK) {
      return code;
    }
    mine.disk->NoteWrite(*mine.path, {.at = at,
                                      .bytes = std::string(static_cast<const char*>(bytes),
                                                           static_cast<std::size_t>(size))});
    return mine.real->pMethods->xWrite(mine.real, bytes, size, at);
  }

  static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    auto& mine = Mine(file);
    if (const int code = mine.disk->Before(DiskCall::kTruncate); code != SQLITE_OK) {
      return code;
    }
    mine.disk->NoteWrite(*mine.path,
                         {.kind = FaultyDisk::Write::Kind::kTruncate, .at = size, .bytes = {}});
    return mine.real->pMethods->xTruncate(mine.real, size);
  }

  static int Sync(sqlite3_file* file, int /*flags*/) {
    auto& mine = Mine(file);
    if (const int code = mine.disk->Before(DiskCall::kSync); code != SQLITE_OK) {
      return code;
    }
    mine.disk->NoteSync(*mine.path);
    return SQLITE_OK;
  }

  static int FileSize(sqlite3_file* file, sqlite3_int64* size) {
    auto& mine = Mine(file);
    const int code = mine.disk->Before(DiskCall::kFileSize);
    return code != SQLITE_OK ? code : mine.real->pMethods->xFileSize(mine.real, size);
  }

  static int Delete(sqlite3_vfs* vfs, const char* name, int sync) {
    FaultyDisk& disk = DiskOf(vfs);
    if (const int code = disk.Before(DiskCall::kDelete); code != SQLITE_OK) {
      return code;
    }
    disk.NoteRemoved(name);
    return Real()->xDelete(Real(), name, sync);
  }

  static int Lock(sqlite3_file* file, int level) {
    auto& mine = Mine(file);
    return mine.real->pMethods->xLock(mine.real, level);
  }
  static int Unlock(sqlite3_file* file, int level) {
    auto& mine = Mine(file);
    return mine.real->pMethods->xUnlock(mine.real, level);
  }
  static int CheckReserved(sqlite3_file* file, int* result) {
    auto& mine = Mine(file);
    return mine.real->pMethods->xCheckReservedLock(mine.real, result);
  }
  static int Control(sqlite3_file* file, int operation, void* argument) {
    auto& mine = Mine(file);
    return mine.real->pMethods->xFileControl(mine.real, operation, argument);
  }
  static int SectorSize(sqlite3_file* file) {
    auto& mine = Mine(file);
    return mine.real->pMethods->xSectorSize(mine.real);
  }
  static int Characteristics(sqlite3_file* file) {
    auto& mine = Mine(file);
    return mine.real->pMethods->xDeviceCharacteristics(mine.real);
  }

  static const sqlite3_io_methods* Methods() {
    static const sqlite3_io_methods kMethods = [] {
      sqlite3_io_methods methods{};
      methods.iVersion = 1;  // No shared memory: the store is opened by one connection alone.
      methods.xClose = Close;
      methods.xRead = Read;
      methods.xWrite = Write;
      methods.xTruncate = Truncate;
      methods.xSync = Sync;
      methods.xFileSize = FileSize;
      methods.xLock = Lock;
      methods.xUnlock = Unlock;
      methods.xCheckReservedLock = CheckReserved;
      methods.xFileControl = Control;
      methods.xSectorSize = SectorSize;
      methods.xDeviceCharacteristics = Characteristics;
      return methods;
    }();
    return &kMethods;
  }
};

FaultyDisk::FaultyDisk() {
  static std::atomic<int> made = 0;
  name_ = "faulty-disk-" + std::to_string(made++);
  vfs_ = *FaultyDiskVfs::Real();
  vfs_.pNext = nullptr;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.szOsFile += static_cast<int>(sizeof(FaultyDiskVfs::File));
  vfs_.xOpen = FaultyDiskVfs::Open;
  vfs_.xDelete = FaultyDiskVfs::Delete;
  sqlite3_vfs_register(&vfs_, 0);
}

FaultyDisk::~FaultyDisk() {
  sqlite3_vfs_unregister(&vfs_);
}

int FaultyDisk::Changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

int FaultyDisk::Calls(DiskCall call) const {
  const std::lock_guard lock(mutex_);
  const auto found = calls_.find(call);
  return found == calls_.end() ? 0 : found->second;
}

void FaultyDisk::StopAfter(int changes) {
  const std::lock_guard lock(mutex_);
  stop_after_ = changes;
}

void FaultyDisk::Fail(DiskCall call, int number, int code, int times) {
  const std::lock_guard lock(mutex_);
  fail_call_ = call;
  fail_from_ = calls_[call] + number;
  fail_times_ = times;
  fail_code_ = code;
  failed_ = false;
}

void FaultyDisk::Heal() {
  const std::lock_guard lock(mutex_);
  fail_from_ = -1;
}

bool FaultyDisk::Failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

int FaultyDisk::Before(DiskCall call) {
  const std::lock_guard lock(mutex_);
  if (IsChange(call) && stop_after_ >= 0 && changes_ >= stop_after_) {
    dead_ = true;
  }
  if (dead_) {
    return SQLITE_IOERR;
  }
  const int number = calls_[call]++;
  if (call == fail_call_ && fail_from_ >= 0 && number >= fail_from_ &&
      number < fail_from_ + fail_times_) {
    failed_ = true;
    return fail_code_;
  }
  changes_ += IsChange(call) ? 1 : 0;
  return SQLITE_OK;
}

void FaultyDisk::NoteOpened(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto known = files_.find(path);
  if (known == files_.end() || known->second.removed) {
    files_[path] = {.synced = ReadWhole(path)};
  }
}

void FaultyDisk::NoteWrite(const std::string& path, Write write) {
  const std::lock_guard lock(mutex_);
  files_[path].pending.push_back(std::move(write));
}

void FaultyDisk::NoteSync(const std::string& path) {
  const std::lock_guard lock(mutex_);
  File& file = files_[path];
  for (const Write& write : file.pending) {
    Apply(write, file.synced);
  }
  file.pending.clear();
}

void FaultyDisk::NoteRemoved(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (const auto known = files_.find(path); known != files_.end()) {
    known->second.removed = true;
  }
}

void FaultyDisk::Apply(const Write& write, std::string& content) {
  const auto at = static_cast<std::size_t>(write.at);
  if (write.kind == Write::Kind::kTruncate) {
    content.resize(at);
    return;
  }
  content.resize(std::max(content.size(), at + write.bytes.size()));
  content.replace(at, write.bytes.size(), write.bytes);
}

std::string FaultyDisk::Survivor(const File& file, std::mt19937_64& random) {
  std::string content = file.synced;
  std::vector<Write> writes = file.pending;
  std::shuffle(writes.begin(), writes.end(), random);
  for (Write& write : writes) {
    const auto fate = random() % 4;
    if (fate == 0) {
      continue;  // Dropped.
    }
    if (fate == 1 && write.kind == Write::Kind::kBytes) {
      // Torn: some of its sectors arrive, or it is cut short in the middle of one.
      const std::size_t from = random() % write.bytes.size() / kSector * kSector;
      write.bytes.erase(0, from);
      write.at += static_cast<std::int64_t>(from);
      write.bytes.resize(1 + random() % write.bytes.size());
    }
    Apply(write, content);
  }
  return content;
}

void FaultyDisk::CutPower(std::uint64_t seed) {
  const std::lock_guard lock(mutex_);
  std::mt19937_64 random(seed);
  for (const auto& [path, file] : files_) {
    if (path.empty() || (file.removed && random() % 2 == 0)) {
      std::filesystem::remove(path);
      continue;
    }
    const bool renamed = path.find(".new") != std::string::npos && !std::filesystem::exists(path);
    if (!renamed) {
      std::ofstream(path, std::ios::binary | std::ios::trunc) << Survivor(file, random);
    }
  }
  files_.clear();
}

}  // namespace acronis::test
