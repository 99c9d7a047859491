#include "plugin/ledger/sqlite/store_lock.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace acronis::ledger::sqlite {
namespace {

constexpr mode_t kOwnerOnly = 0600;

/// What the owner wrote into the file; `unknown` when it has not come to that yet.
std::string HolderOf(int descriptor) {
  std::array<char, 32> text{};
  const ssize_t size = pread(descriptor, text.data(), text.size() - 1, 0);
  const std::string pid(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  return pid.empty() ? "unknown" : pid.substr(0, pid.find('\n'));
}

}  // namespace

Result<StoreLock> StoreLock::Take(const std::filesystem::path& store) {
  const std::string path = store.string() + ".lock";
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open() takes the mode that way.
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly);
  if (descriptor < 0) {
    return Error{ErrorKind::kStore,
                 "cannot open " + path + ": " + std::generic_category().message(errno)};
  }
  StoreLock lock(descriptor);
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return Error{ErrorKind::kStore, "the store " + store.string() + " is in use by process " +
                                        HolderOf(descriptor) +
                                        "; one process at a time may have it"};
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  // The number is for people; the lock does not depend on it.
  static_cast<void>(ftruncate(descriptor, 0) == 0 &&
                    pwrite(descriptor, pid.data(), pid.size(), 0) > 0);
  return lock;
}

StoreLock::StoreLock(StoreLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

StoreLock& StoreLock::operator=(StoreLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

StoreLock::~StoreLock() {
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
}

}  // namespace acronis::ledger::sqlite
