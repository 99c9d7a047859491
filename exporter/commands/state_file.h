#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "exporter/files/descriptor.h"
#include "plugin/core/result.h"

namespace acronis::exporter {

/// A small file that programs which run now and then leave for one another, locked from Open() to
/// the end of the object.
///
/// The folder is made for nobody but its owner, and used only if it is a folder of this user that
/// nobody else can write; a symbolic link is not followed. Errors (kStore) name the path.
class StateFile {
 public:
  /// Waits while another process has the file.
  static Result<StateFile> Open(const std::filesystem::path& folder, const std::string& name);

  /// Empty when there is no such file yet.
  Result<std::string> Read() const;
  /// In one step: a reader sees the old or the new text. Not waited for to be on the disk.
  Status Replace(std::string_view text) const;

  const std::filesystem::path& Path() const { return path_; }

 private:
  StateFile(Descriptor folder, Descriptor lock, std::filesystem::path path)
      : folder_(std::move(folder)), lock_(std::move(lock)), path_(std::move(path)) {}

  Error Failed(const char* what) const;

  Descriptor folder_;
  Descriptor lock_;
  std::filesystem::path path_;
};

}  // namespace acronis::exporter
