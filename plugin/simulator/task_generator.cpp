#include "plugin/simulator/task_generator.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace acronis::simulator {

namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kHour = 3600 * kSecond;
/// No task is inserted near the border of a second, so that no two seconds share an id tick.
constexpr std::int64_t kBorder = 2 * kMillisecond;
/// Nodes above are left to tasks added by hand.
constexpr std::uint64_t kNodes = 1023;
constexpr std::int64_t kMaxSequence = 4095;
constexpr std::int64_t kMaxLag = 45 * kSecond;

bool IsNight(std::int64_t time) {
  const std::int64_t hour = (time / kHour) % 24;
  return hour >= 22 || hour < 6;
}

bool IsBackup(WorkKind kind) {
  return kind == WorkKind::kBackup || kind == WorkKind::kCloud;
}

/// Most tasks are short, a few are very long.
std::int64_t RunTime(const QueueProfile& profile, Dice& dice) {
  const double unit = dice.Unit();
  const auto spread = static_cast<double>((profile.longest_s - profile.shortest_s) * kSecond);
  return profile.shortest_s * kSecond + static_cast<std::int64_t>(spread * unit * unit * unit);
}

}  // namespace

TaskGenerator::TaskGenerator(const SimulatorOptions& options, TextPool& pool, std::int64_t first_ns)
    : seed_(options.seed),
      rate_(std::max(options.rate, 0.0)),
      late_share_(options.late_share),
      scenario_(options.scenario),
      tenants_(static_cast<std::uint64_t>(std::max(options.tenants, 1))),
      pool_(pool),
      queues_(MakeQueues(options.queues)),
      next_second_(first_ns / kSecond) {
  for (const QueueProfile& queue : queues_) {
    total_share_ += queue.share;
  }
}

std::vector<PlannedTask> TaskGenerator::Until(std::int64_t now) {
  if (rate_ > 0) {
    for (; next_second_ <= now / kSecond; ++next_second_) {
      FillSecond(next_second_);
    }
  }
  const auto end = std::find_if(pending_.begin(), pending_.end(),
                                [now](const PlannedTask& task) { return task.inserted > now; });
  std::vector<PlannedTask> due(std::make_move_iterator(pending_.begin()),
                               std::make_move_iterator(end));
  pending_.erase(pending_.begin(), end);
  return due;
}

void TaskGenerator::FillSecond(std::int64_t second) {
  Dice dice(Mix(seed_, static_cast<std::uint64_t>(second)));
  const auto count =
      static_cast<std::int64_t>(std::floor(rate_ * (0.5 + dice.Unit()) + dice.Unit()));
  std::int64_t offset = kBorder;
  const std::int64_t step = (kSecond - 2 * kBorder) / std::max<std::int64_t>(count, 1);
  for (std::int64_t n = 0; n < count; ++n) {
    // Every fourth comes right behind another one: their ids share a tick.
    const bool burst = n > 0 && dice.Below(4) == 0;
    offset = burst ? offset + 1
                   : kBorder + n * step + dice.Between(0, std::max<std::int64_t>(step / 2, 1));
    pending_.push_back(Plan(second * kSecond + offset, dice));
  }
}

PlannedTask TaskGenerator::Plan(std::int64_t inserted, Dice& dice) {
  PlannedTask task;
  task.inserted = inserted;
  const std::int64_t tick = inserted >> 20;
  sequence_ = tick == last_tick_ ? std::min(sequence_ + 1, kMaxSequence) : 0;
  last_tick_ = tick;
  const auto node = Mix(seed_, static_cast<std::uint64_t>(inserted / kHour)) % kNodes;
  task.record.id = MakeTaskId(inserted, static_cast<std::int64_t>(node), sequence_);

  const QueueProfile& profile = PickQueue(dice);
  task.record.kind = profile.kind;
  task.record.queue = pool_.Intern(profile.name);
  task.record.type = pool_.Intern(profile.types[dice.Below(profile.types.size())]);
  task.record.tenant = static_cast<std::uint32_t>(dice.Below(tenants_));
  task.record.state = pool_.Intern("completed");
  task.record.result = PickResult(profile, inserted, dice);
  if (profile.kind == WorkKind::kSync) {
    PlanAsReported(task, dice.Between(4'300'000, 45 * kMillisecond), dice);
    task.record.enqueued = task.record.started = task.record.completed;
  } else if (dice.Unit() < late_share_) {
    PlanAsReported(task, dice.Between(kSecond, kMaxLag), dice);
    task.record.started = task.record.completed - RunTime(profile, dice);
    task.record.enqueued = task.record.started - dice.Between(0, kSecond);
  } else {
    PlanAsQueued(task, profile, dice);
  }
  return task;
}

void TaskGenerator::PlanAsReported(PlannedTask& task, std::int64_t lag, Dice& dice) {
  // A tenth of the clocks tick in milliseconds: fewer digits in the fraction.
  const std::int64_t grain = dice.Below(10) == 0 ? kMillisecond : 1;
  task.record.completed = (task.inserted - lag) / grain * grain;
  task.record.updated = task.inserted;
}

void TaskGenerator::PlanAsQueued(PlannedTask& task, const QueueProfile& profile, Dice& dice) {
  TaskRecord& record = task.record;
  record.enqueued = task.inserted;
  if (record.result == pool_.Intern("cancelled") && dice.Below(2) == 0) {
    // Cancelled while it waited: never assigned, never started.
    record.completed = record.enqueued + dice.Between(kSecond, 120 * kSecond);
  } else {
    record.assigned = record.enqueued + dice.Between(50 * kMillisecond, 30 * kSecond);
    record.started = record.assigned + dice.Between(10 * kMillisecond, 5 * kSecond);
    const std::int64_t run = RunTime(profile, dice);
    record.completed = record.started + run;
    if (dice.Below(25) == 0) {
      const std::int64_t pause = dice.Between(kSecond, 60 * kSecond);
      task.paused = record.started + run / 2;
      task.resumed = task.paused + pause;
      record.completed += pause;
    }
  }
  record.updated = record.completed;
}

const QueueProfile& TaskGenerator::PickQueue(Dice& dice) const {
  std::uint64_t left = dice.Below(total_share_);
  for (const QueueProfile& queue : queues_) {
    if (left < queue.share) {
      return queue;
    }
    left -= queue.share;
  }
  return queues_.front();
}

TextPool::Id TaskGenerator::PickResult(const QueueProfile& profile, std::int64_t time, Dice& dice) {
  const bool bad = scenario_ == Scenario::kBadNight && IsBackup(profile.kind) && IsNight(time);
  const auto& weights = bad ? kBadNightWeights : profile.weights;
  auto left = static_cast<int>(dice.Below(1000));
  for (std::size_t n = 0; n < weights.size(); ++n) {
    if (left < weights[n]) {
      return pool_.Intern(kResultTexts[n]);
    }
    left -= weights[n];
  }
  return pool_.Intern(kResultTexts.front());
}

}  // namespace acronis::simulator
