#include "plugin/ledger/seen_ids.h"

#include <chrono>

namespace acronis::ledger {
namespace {

std::int64_t HourOf(TimePoint time) {
  return std::chrono::floor<std::chrono::hours>(time).time_since_epoch().count();
}

}  // namespace

const SeenTask* SeenIds::Find(std::int64_t id) const {
  const auto found = tasks_.find(id);
  return found == tasks_.end() ? nullptr : &found->second;
}

void SeenIds::Put(std::int64_t id, const SeenTask& seen) {
  const auto [entry, added] = tasks_.try_emplace(id, seen);
  const Hour hour = HourOf(seen.newest_completion);
  if (added || HourOf(entry->second.newest_completion) != hour) {
    by_hour_[hour].push_back(id);
  }
  entry->second = seen;
}

void SeenIds::ForgetHour(Hour hour, const std::vector<std::int64_t>& ids) {
  for (const std::int64_t id : ids) {
    const auto task = tasks_.find(id);
    if (task != tasks_.end() && HourOf(task->second.newest_completion) == hour) {
      tasks_.erase(task);
    }
  }
}

void SeenIds::ForgetBelow(TimePoint horizon) {
  const auto first_kept = by_hour_.lower_bound(HourOf(horizon));
  for (auto past = by_hour_.begin(); past != first_kept; past = by_hour_.erase(past)) {
    ForgetHour(past->first, past->second);
  }
}

}  // namespace acronis::ledger
