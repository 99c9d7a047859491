#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "plugin/core/options.h"
#include "plugin/core/result.h"

namespace acronis::ledger::sqlite {

/// What was last shown to a scrape.
struct Guard {
  std::string store_id{};
  std::uint64_t commits = 0;

  bool operator==(const Guard&) const = default;
};

/// A note, kept away from the store, of the newest commit that a scrape has seen.
///
/// A store that is older than its note was put back from a backup: its counters would go back, and
/// Prometheus would add all of them again. The note is written after the scrape and not waited for,
/// so it may be behind the store but never ahead of it.
class GuardFile {
 public:
  explicit GuardFile(std::filesystem::path path) : path_(std::move(path)) {}

  /// `DIRECTORY/NAME-HASH.guard`, from the store's path, so that two stores never share one.
  static std::filesystem::path PathFor(const std::filesystem::path& store,
                                       const std::filesystem::path& directory);

  const std::filesystem::path& Path() const { return path_; }

  /// Empty when it is missing. An error when it is there and cannot be used (torn, foreign).
  Result<std::optional<Guard>> Read() const;
  Status Write(const Guard& guard) const;

 private:
  std::filesystem::path path_;
};

/// The options with the store's real path: two names of one store must meet at one lock and one
/// guard.
StoreOptions WithRealPath(const StoreOptions& store);

/// Where the guard of the configured store is; empty when there is none.
std::filesystem::path GuardPath(const StoreOptions& store);

}  // namespace acronis::ledger::sqlite
