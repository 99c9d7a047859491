#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <set>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plugin/simulator/task_generator.h"
#include "plugin/simulator/task_record.h"

namespace acronis::simulator {

/// Every task there is, and the orders in which listings need them.
///
/// Finished tasks are indexed by id, completion and update time; tasks in
/// flight are few and kept in a set. Not thread-safe.
class TaskStore {
 public:
  using Index = std::uint32_t;

  TaskStore();

  TextPool& Pool() { return pool_; }
  const TextPool& Pool() const { return pool_; }
  const TaskRecord& At(Index index) const { return records_[index]; }
  std::size_t Records() const { return records_.size(); }

  /// Takes in new tasks; those whose end is not reached at `now` are in flight.
  void Add(const std::vector<PlannedTask>& tasks, std::int64_t now);
  /// Brings tasks in flight up to `now`.
  void Advance(std::int64_t now);

  /// One task as it is; nothing will happen to it by itself.
  Index AddFixed(const TaskRecord& record);
  std::optional<Index> Find(std::int64_t id) const;
  void Change(Index index, const std::function<void(TaskRecord&)>& change);
  /// It stays readable through At(), but no listing shows it any more.
  void Remove(Index index);

  bool IsFinished(const TaskRecord& record) const { return record.state == completed_; }

  /// Finished tasks, ascending by the time and then by id. No time comes first.
  std::span<const Index> ByCompletion() const { return by_completion_; }
  std::span<const Index> ByUpdate() const { return by_update_; }
  std::span<const Index> ById() const { return by_id_; }
  const std::set<Index>& InFlight() const { return in_flight_; }

 private:
  struct Plan {
    TaskRecord end{};
    std::int64_t paused = kNoTime;
    std::int64_t resumed = kNoTime;
  };
  struct Event {
    std::int64_t time = 0;
    Index index = 0;
    bool operator>(const Event& other) const { return time > other.time; }
  };

  /// Applies what has happened by `now`; the time of the next step, or empty at the end.
  std::optional<std::int64_t> Settle(TaskRecord& record, const Plan& plan, std::int64_t now) const;
  void IndexFinished(std::vector<Index> fresh);
  void Enlist(Index index);
  void Delist(Index index);
  auto Order(std::int64_t TaskRecord::*time) const;
  void Merge(std::vector<Index>& index, std::vector<Index>& fresh,
             std::int64_t TaskRecord::*time) const;
  void Erase(std::vector<Index>& index, Index which, std::int64_t TaskRecord::*time) const;

  TextPool pool_;
  TextPool::Id none_;
  TextPool::Id enqueued_;
  TextPool::Id assigned_;
  TextPool::Id started_;
  TextPool::Id paused_;
  TextPool::Id completed_;

  std::vector<TaskRecord> records_;
  std::vector<Index> by_completion_;
  std::vector<Index> by_update_;
  std::vector<Index> by_id_;
  std::set<Index> in_flight_;
  std::unordered_map<Index, Plan> plans_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
};

}  // namespace acronis::simulator
