#include "plugin/simulator/world.h"

#include <algorithm>

namespace acronis::simulator {

namespace {

/// No generated task has it, so that ids never meet.
constexpr std::int64_t kHandNode = 1023;
constexpr std::int64_t kMaxSequence = 4095;

std::int64_t TimeOr(const std::optional<TimePoint>& time, std::int64_t otherwise) {
  return time ? time->time_since_epoch().count() : otherwise;
}

}  // namespace

World::World(const SimulatorOptions& options, std::int64_t now)
    : retention_(options.retention.count()),
      tenants_(MakeTenants(options.seed, std::max(options.tenants, 1))),
      generator_(options, store_.Pool(), now - options.history.count()) {
  Advance(now);
}

void World::Advance(std::int64_t now) {
  store_.Add(generator_.Until(now), now);
  store_.Advance(now);
}

std::int64_t World::NextId(std::int64_t now) {
  std::int64_t tick = std::max(now >> 20, last_tick_);
  last_sequence_ = tick == last_tick_ ? last_sequence_ + 1 : 0;
  if (last_sequence_ > kMaxSequence) {
    ++tick;
    last_sequence_ = 0;
  }
  last_tick_ = tick;
  return MakeTaskId(tick << 20, kHandNode, last_sequence_);
}

std::int64_t World::AddTask(const NewTask& task, std::int64_t now) {
  TaskRecord record;
  record.id = task.id ? *task.id : NextId(now);
  record.kind = WorkKind::kBackup;
  record.queue = store_.Pool().Intern(task.queue);
  record.type = store_.Pool().Intern(task.type);
  record.state = store_.Pool().Intern(task.state);
  record.tenant =
      static_cast<std::uint32_t>(task.tenant) % static_cast<std::uint32_t>(tenants_.size());
  const bool finished = store_.IsFinished(record);
  record.result = store_.Pool().Intern(finished ? task.result_code : "");
  record.completed = TimeOr(task.completed_at, finished ? now : kNoTime);
  const bool ran = finished || task.state == "started" || task.state == "paused";
  record.started =
      TimeOr(task.started_at, ran ? std::min(now, finished ? record.completed : now) : kNoTime);
  record.assigned = TimeOr(task.assigned_at, record.started);
  record.enqueued = TimeOr(task.enqueued_at, record.started == kNoTime ? now : record.started);
  record.updated = TimeOr(task.updated_at, now);
  store_.AddFixed(record);
  return record.id;
}

bool World::ChangeTask(std::int64_t id, const TaskChange& change, std::int64_t now) {
  const auto index = store_.Find(id);
  if (!index) {
    return false;
  }
  store_.Change(*index, [&](TaskRecord& record) {
    TextPool& pool = store_.Pool();
    record.state = change.state ? pool.Intern(*change.state) : record.state;
    record.result = change.result_code ? pool.Intern(*change.result_code) : record.result;
    record.assigned = TimeOr(change.assigned_at, record.assigned);
    record.started = TimeOr(change.started_at, record.started);
    record.completed = TimeOr(change.completed_at, record.completed);
    record.updated = TimeOr(change.updated_at, now);
  });
  return true;
}

bool World::RemoveTask(std::int64_t id) {
  const auto index = store_.Find(id);
  if (index) {
    store_.Remove(*index);
  }
  return index.has_value();
}

CountsByQueueAndResult World::Truth(std::int64_t from, std::int64_t to) const {
  CountsByQueueAndResult counts;
  const TaskRecord* previous = nullptr;
  for (const TaskStore::Index index : store_.ById()) {
    const TaskRecord& record = store_.At(index);
    const bool again = previous != nullptr && previous->id == record.id;
    previous = &record;
    if (!again && record.completed >= from && record.completed < to) {
      ++counts[{store_.Pool().Text(record.queue), store_.Pool().Text(record.result)}];
    }
  }
  return counts;
}

}  // namespace acronis::simulator
