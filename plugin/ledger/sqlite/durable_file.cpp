#include "plugin/ledger/sqlite/durable_file.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace acronis::ledger::sqlite {
namespace {

[[noreturn]] void Fail(const char* what, const std::filesystem::path& path) {
  throw std::system_error(errno, std::generic_category(),
                          std::string("cannot ") + what + " " + path.string());
}

/// A file descriptor and the name it is for.
class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags, mode_t mode = 0)
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open() takes the mode that way.
      : path_(path), number_(open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) {
      close(number_);
    }
  }

  bool IsOpen() const { return number_ >= 0; }
  int Number() const { return number_; }
  const Descriptor& OrFail() const {
    if (number_ < 0) {
      Fail("open", path_);
    }
    return *this;
  }
  void Sync() const {
    if (fsync(number_) != 0) {
      Fail("fsync", path_);
    }
  }

 private:
  std::filesystem::path path_;
  int number_;
};

std::filesystem::path FolderOf(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

}  // namespace

void MakeFolder(const std::filesystem::path& folder) {
  if (folder.empty() || std::filesystem::is_directory(folder)) {
    return;
  }
  MakeFolder(folder.parent_path());
  if (mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    Fail("make the folder", folder);
  }
  SyncFolder(FolderOf(folder));
}

void MakeFile(const std::filesystem::path& file) {
  RemoveFile(file);
  static_cast<void>(Descriptor(file, O_WRONLY | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR).OrFail());
}

void SyncFile(const std::filesystem::path& file) {
  Descriptor(file, O_RDONLY).OrFail().Sync();
}

void SyncFolder(const std::filesystem::path& folder) {
  Descriptor(folder, O_RDONLY | O_DIRECTORY).OrFail().Sync();
}

void RenameFile(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (rename(from.c_str(), to.c_str()) != 0) {
    Fail("rename", from);
  }
  SyncFolder(FolderOf(to));
}

void RemoveFile(const std::filesystem::path& file) {
  if (unlink(file.c_str()) != 0 && errno != ENOENT) {
    Fail("remove", file);
  }
}

std::optional<std::string> ReadStart(const std::filesystem::path& file, std::size_t limit) {
  const Descriptor descriptor(file, O_RDONLY);
  if (!descriptor.IsOpen() && errno == ENOENT) {
    return std::nullopt;
  }
  descriptor.OrFail();
  std::string text(limit, '\0');
  std::size_t size = 0;
  while (size < limit) {
    const ssize_t got = read(descriptor.Number(), &text[size], limit - size);
    if (got < 0) {
      Fail("read", file);
    }
    if (got == 0) {
      break;
    }
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

void ReplaceFile(const std::filesystem::path& file, std::string_view text) {
  std::filesystem::path unfinished = file;
  unfinished += ".new";
  {
    const Descriptor descriptor(unfinished, O_WRONLY | O_CREAT | O_TRUNC, S_IRUSR | S_IWUSR);
    descriptor.OrFail();
    if (write(descriptor.Number(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
      Fail("write", unfinished);
    }
  }
  if (rename(unfinished.c_str(), file.c_str()) != 0) {
    Fail("rename", unfinished);
  }
}

}  // namespace acronis::ledger::sqlite
