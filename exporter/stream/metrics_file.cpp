#include "exporter/stream/metrics_file.h"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace acronis::exporter {
namespace {

constexpr mode_t kForAllToRead = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;

/// Closes it; its calls return whether they worked and leave errno.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) {
      close(number_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  bool IsOpen() const { return number_ >= 0; }
  bool Write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t written = write(number_, text.data(), text.size());
      if (written < 0 && errno != EINTR) {
        return false;
      }
      text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return true;
  }
  /// Whatever the umask of the process.
  bool LetAllRead() const { return fchmod(number_, kForAllToRead) == 0; }
  bool Sync() const { return fsync(number_) == 0; }

 private:
  int number_;
};

bool WriteNew(const std::filesystem::path& file, std::string_view text) {
  if (unlink(file.c_str()) != 0 && errno != ENOENT) {
    return false;
  }
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open() takes the mode that way.
  const int number = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kForAllToRead);
  const Descriptor descriptor(number);
  return descriptor.IsOpen() && descriptor.Write(text) && descriptor.LetAllRead() &&
         descriptor.Sync();
}

bool SyncFolder(const std::filesystem::path& folder) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): that is how open() is declared.
  const Descriptor descriptor(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return descriptor.IsOpen() && descriptor.Sync();
}

}  // namespace

Status WriteMetricsFile(const std::filesystem::path& file, std::string_view text) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const auto unfinished = folder / ("." + file.filename().string() + ".new");
  if (WriteNew(unfinished, text) && rename(unfinished.c_str(), file.c_str()) == 0 &&
      SyncFolder(folder)) {
    return Ok{};
  }
  const std::string reason = std::generic_category().message(errno);
  unlink(unfinished.c_str());
  return Error{ErrorKind::kStore, "cannot write " + file.string() + ": " + reason};
}

}  // namespace acronis::exporter
