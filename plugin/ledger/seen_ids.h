#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "plugin/core/clock.h"
#include "plugin/core/task.h"

namespace acronis::ledger {

/// What is remembered of a counted task.
struct SeenTask {
  TimePoint completed_at{};       ///< As it was last shown to us.
  TimePoint newest_completion{};  ///< The newest ever shown: decides when the id is forgotten.
  ResultCode result = ResultCode::kUnknown;

  bool operator==(const SeenTask&) const = default;
};

/// The task ids of one account that were counted and lie above the horizon.
///
/// Forgetting goes by completion time, not by id: an id carries its creation
/// time, and a job of days has an old one. Not thread-safe.
class SeenIds {
 public:
  /// Null if the id is unknown or forgotten.
  const SeenTask* Find(std::int64_t id) const;

  void Put(std::int64_t id, const SeenTask& seen);

  /// Forgets the ids whose newest completion lies in an hour that is wholly
  /// below `horizon`. Costs in proportion to what is forgotten.
  void ForgetBelow(TimePoint horizon);

  std::size_t Size() const { return tasks_.size(); }

 private:
  using Hour = std::int64_t;

  void ForgetHour(Hour hour, const std::vector<std::int64_t>& ids);

  std::unordered_map<std::int64_t, SeenTask> tasks_;
  /// Ids by the hour of their newest completion when it was noted; an id whose
  /// completion moved on is noted again and skipped at its old place.
  std::map<Hour, std::vector<std::int64_t>> by_hour_;
};

}  // namespace acronis::ledger
