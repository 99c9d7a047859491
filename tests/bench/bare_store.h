#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <unordered_map>

#include "plugin/core/task.h"
#include "plugin/ledger/sqlite/database.h"

namespace acronis::bench {

/// The peer: the least that counts tasks once and durably with SQLite alone. Ids and counters in
/// two plain tables, no histogram, no digest, nothing to prune by, nothing in memory.
class BareStore {
 public:
  /// Makes the file when it is missing.
  explicit BareStore(const std::filesystem::path& path);

  /// Counts one page in one transaction. Returns how many tasks were new.
  std::uint64_t Commit(std::span<const Task> tasks);
  /// All ids, as one who keeps them in memory would read them.
  std::unordered_map<std::int64_t, std::int64_t> ReadIds();

 private:
  ledger::sqlite::Database database_;
  ledger::sqlite::Statement add_id_;
  ledger::sqlite::Statement add_to_counter_;
};

}  // namespace acronis::bench
