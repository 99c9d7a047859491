#include "exporter/commands/state_file.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace acronis::exporter {
namespace {

constexpr mode_t kOwnerOnlyFolder = 0700;
constexpr mode_t kOwnerOnlyFile = 0600;
constexpr std::size_t kMaxBytes = std::size_t{64} << 20U;
constexpr std::string_view kAdvice = "; --state-dir names another place";

Error Failure(const std::filesystem::path& path, const std::string& problem) {
  return {ErrorKind::kStore, path.string() + ": " + problem};
}

std::string Reason() {
  return std::generic_category().message(errno);
}

/// The folder and what is above it.
Status MakeFolders(const std::filesystem::path& folder) {
  std::error_code failure;
  if (folder.has_parent_path()) {
    std::filesystem::create_directories(folder.parent_path(), failure);
  }
  if (failure) {
    return Failure(folder.parent_path(), failure.message() + std::string(kAdvice));
  }
  if (mkdir(folder.c_str(), kOwnerOnlyFolder) != 0 && errno != EEXIST) {
    return Failure(folder, Reason() + std::string(kAdvice));
  }
  return Ok{};
}

Result<Descriptor> OpenFolder(const std::filesystem::path& folder) {
  if (Status made = MakeFolders(folder); !made) {
    return std::move(made).error();
  }
  Descriptor opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!opened.IsOpen()) {
    return Failure(folder, errno == ENOTDIR || errno == ELOOP
                               ? "is not a folder; a symbolic link is not followed"
                               : Reason());
  }
  struct stat status {};
  if (fstat(opened.Number(), &status) != 0) {
    return Failure(folder, Reason());
  }
  if (status.st_uid != geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Failure(folder,
                   "must belong to this user, and nobody else may write it" + std::string(kAdvice));
  }
  return opened;
}

}  // namespace

Result<StateFile> StateFile::Open(const std::filesystem::path& folder, const std::string& name) {
  Result<Descriptor> opened = OpenFolder(folder);
  if (!opened) {
    return std::move(opened).error();
  }
  const std::string lock_name = name + ".lock";
  Descriptor lock(openat(opened->Number(), lock_name.c_str(),
                         O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kOwnerOnlyFile));
  if (!lock.IsOpen() || flock(lock.Number(), LOCK_EX) != 0) {
    return Failure(folder / lock_name, Reason());
  }
  return StateFile(std::move(opened).value(), std::move(lock), folder / name);
}

Error StateFile::Failed(const char* what) const {
  return Failure(path_, std::string(what) + ": " + Reason());
}

Result<std::string> StateFile::Read() const {
  const Descriptor file(openat(folder_.Number(), path_.filename().c_str(),
                               O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.IsOpen()) {
    return errno == ENOENT ? Result<std::string>(std::string()) : Failed("open");
  }
  std::string text;
  std::array<char, 65536> buffer{};
  ssize_t count = 0;
  while ((count = read(file.Number(), buffer.data(), buffer.size())) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > kMaxBytes) {
      return Failure(path_, "is larger than " + std::to_string(kMaxBytes) + " bytes");
    }
  }
  return count == 0 ? Result<std::string>(std::move(text)) : Failed("read");
}

Status StateFile::Replace(std::string_view text) const {
  const std::string name = path_.filename().string();
  const std::string unfinished = name + ".new";
  unlinkat(folder_.Number(), unfinished.c_str(), 0);  // Of a check that was killed.
  const Descriptor file(openat(folder_.Number(), unfinished.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                               kOwnerOnlyFile));
  if (!file.IsOpen()) {
    return Failed("write");
  }
  if (const int failure = WriteAll(file.Number(), text); failure != 0) {
    errno = failure;
    return Failed("write");
  }
  if (renameat(folder_.Number(), unfinished.c_str(), folder_.Number(), name.c_str()) != 0) {
    return Failed("rename");
  }
  return Ok{};
}

}  // namespace acronis::exporter
