#pragma once

#include <filesystem>

namespace acronis::exporter {

/// A new directory that only this user can enter, removed with everything in it at the end.
class TemporaryDirectory {
 public:
  /// Throws std::filesystem::filesystem_error.
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& Path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace acronis::exporter
