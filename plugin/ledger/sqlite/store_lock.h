#pragma once

#include <filesystem>

#include "plugin/core/result.h"

namespace acronis::ledger::sqlite {

/// The right to a store, for as long as this lives.
///
/// An flock on `STORE.lock`, which holds the owner's process id for people to read; the kernel
/// takes the lock back whenever the process ends, however it ends. The file stays: removing it
/// would let two owners lock two files.
class StoreLock {
 public:
  /// Does not wait. The error names the holder's process id.
  static Result<StoreLock> Take(const std::filesystem::path& store);

  StoreLock(StoreLock&& other) noexcept;
  StoreLock& operator=(StoreLock&& other) noexcept;
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;
  ~StoreLock();

 private:
  explicit StoreLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
};

}  // namespace acronis::ledger::sqlite
