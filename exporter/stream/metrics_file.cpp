#include "exporter/stream/metrics_file.h"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "exporter/files/descriptor.h"

namespace acronis::exporter {
namespace {

constexpr mode_t kForAllToRead = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;

/// As errno has it, or 0.
int WriteNew(const std::filesystem::path& file, std::string_view text) {
  if (unlink(file.c_str()) != 0 && errno != ENOENT) {
    return errno;
  }
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open() takes the mode that way.
  const Descriptor made(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kForAllToRead));
  if (!made.IsOpen()) {
    return errno;
  }
  if (const int failure = WriteAll(made.Number(), text); failure != 0) {
    return failure;
  }
  // Whatever the umask of the process.
  return fchmod(made.Number(), kForAllToRead) == 0 && fsync(made.Number()) == 0 ? 0 : errno;
}

/// The file has its name by now. One who may write into a folder need not be allowed to open it,
/// and some file systems sync no folders: then a power cut may bring the old file back.
void SyncFolder(const std::filesystem::path& folder) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): that is how open() is declared.
  const Descriptor opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.IsOpen()) {
    fsync(opened.Number());
  }
}

}  // namespace

Status WriteMetricsFile(const std::filesystem::path& file, std::string_view text) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const auto unfinished = folder / ("." + file.filename().string() + ".new");
  int failure = WriteNew(unfinished, text);
  if (failure == 0 && rename(unfinished.c_str(), file.c_str()) != 0) {
    failure = errno;
  }
  if (failure == 0) {
    SyncFolder(folder);
    return Ok{};
  }
  unlink(unfinished.c_str());
  return Error{ErrorKind::kStore,
               "cannot write " + file.string() + ": " + std::generic_category().message(failure)};
}

}  // namespace acronis::exporter
