#include "plugin/simulator/task_store.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace acronis::simulator {

TaskStore::TaskStore()
    : none_(pool_.Intern("")),
      enqueued_(pool_.Intern("enqueued")),
      assigned_(pool_.Intern("assigned")),
      started_(pool_.Intern("started")),
      paused_(pool_.Intern("paused")),
      completed_(pool_.Intern("completed")) {}

auto TaskStore::Order(std::int64_t TaskRecord::*time) const {
  return [this, time](Index a, Index b) {
    const TaskRecord& left = records_[a];
    const TaskRecord& right = records_[b];
    return std::pair(left.*time, left.id) < std::pair(right.*time, right.id);
  };
}

void TaskStore::Merge(std::vector<Index>& index, std::vector<Index>& fresh,
                      std::int64_t TaskRecord::*time) const {
  const auto order = Order(time);
  std::sort(fresh.begin(), fresh.end(), order);
  // Only the tail behind the oldest newcomer has to move.
  const auto keep =
      std::upper_bound(index.begin(), index.end(), fresh.front(), order) - index.begin();
  const auto middle = static_cast<std::ptrdiff_t>(index.size());
  index.insert(index.end(), fresh.begin(), fresh.end());
  std::inplace_merge(index.begin() + keep, index.begin() + middle, index.end(), order);
}

void TaskStore::Erase(std::vector<Index>& index, Index which,
                      std::int64_t TaskRecord::*time) const {
  const auto [first, last] = std::equal_range(index.begin(), index.end(), which, Order(time));
  const auto found = std::find(first, last, which);
  if (found != last) {
    index.erase(found);
  }
}

void TaskStore::IndexFinished(std::vector<Index> fresh) {
  if (fresh.empty()) {
    return;
  }
  Merge(by_completion_, fresh, &TaskRecord::completed);
  Merge(by_update_, fresh, &TaskRecord::updated);
  Merge(by_id_, fresh, &TaskRecord::id);
}

std::optional<std::int64_t> TaskStore::Settle(TaskRecord& record, const Plan& plan,
                                              std::int64_t now) const {
  if (plan.end.completed <= now) {
    record = plan.end;
    return std::nullopt;
  }
  struct Step {
    std::int64_t time;
    TextPool::Id state;
  };
  const std::array<Step, 4> steps = {Step{plan.end.assigned, assigned_},
                                     Step{plan.end.started, started_}, Step{plan.paused, paused_},
                                     Step{plan.resumed, started_}};
  for (const Step& step : steps) {
    if (step.time == kNoTime) {
      continue;
    }
    if (step.time > now) {
      return step.time;
    }
    record.state = step.state;
    record.updated = step.time;
    record.assigned = plan.end.assigned;
    record.started = plan.end.started <= now ? plan.end.started : kNoTime;
  }
  return plan.end.completed;
}

void TaskStore::Add(const std::vector<PlannedTask>& tasks, std::int64_t now) {
  std::vector<Index> finished;
  for (const PlannedTask& task : tasks) {
    const auto index = static_cast<Index>(records_.size());
    // Reported after the fact: there was no time in which it could be seen in flight.
    const bool at_once = task.record.completed <= task.inserted;
    if (at_once || task.record.completed <= now) {
      records_.push_back(task.record);
      finished.push_back(index);
      continue;
    }
    TaskRecord record = task.record;
    record.state = enqueued_;
    record.result = none_;
    record.assigned = record.started = record.completed = kNoTime;
    record.updated = task.inserted;
    const Plan plan{task.record, task.paused, task.resumed};
    const auto next = Settle(record, plan, now);
    records_.push_back(record);
    in_flight_.insert(index);
    plans_.emplace(index, plan);
    events_.push({next.value_or(now), index});
  }
  IndexFinished(std::move(finished));
}

void TaskStore::Advance(std::int64_t now) {
  std::vector<Index> finished;
  while (!events_.empty() && events_.top().time <= now) {
    const Index index = events_.top().index;
    events_.pop();
    const auto plan = plans_.find(index);
    if (plan == plans_.end()) {
      continue;  // Removed or taken over by hand.
    }
    if (const auto next = Settle(records_[index], plan->second, now)) {
      events_.push({*next, index});
    } else {
      plans_.erase(plan);
      in_flight_.erase(index);
      finished.push_back(index);
    }
  }
  IndexFinished(std::move(finished));
}

void TaskStore::Enlist(Index index) {
  if (IsFinished(records_[index])) {
    IndexFinished({index});
  } else {
    in_flight_.insert(index);
  }
}

void TaskStore::Delist(Index index) {
  if (IsFinished(records_[index])) {
    Erase(by_completion_, index, &TaskRecord::completed);
    Erase(by_update_, index, &TaskRecord::updated);
    Erase(by_id_, index, &TaskRecord::id);
  } else {
    in_flight_.erase(index);
  }
  plans_.erase(index);
}

TaskStore::Index TaskStore::AddFixed(const TaskRecord& record) {
  const auto index = static_cast<Index>(records_.size());
  records_.push_back(record);
  Enlist(index);
  return index;
}

std::optional<TaskStore::Index> TaskStore::Find(std::int64_t id) const {
  const auto found =
      std::lower_bound(by_id_.begin(), by_id_.end(), id,
                       [this](Index at, std::int64_t wanted) { return records_[at].id < wanted; });
  if (found != by_id_.end() && records_[*found].id == id) {
    return *found;
  }
  const auto flying = std::find_if(in_flight_.begin(), in_flight_.end(),
                                   [&](Index at) { return records_[at].id == id; });
  return flying == in_flight_.end() ? std::nullopt : std::optional(*flying);
}

void TaskStore::Change(Index index, const std::function<void(TaskRecord&)>& change) {
  Delist(index);
  change(records_[index]);
  Enlist(index);
}

void TaskStore::Remove(Index index) {
  Delist(index);
}

}  // namespace acronis::simulator
