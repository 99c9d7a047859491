#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "plugin/simulator/dice.h"
#include "plugin/simulator/queue_profile.h"
#include "plugin/simulator/simulator_options.h"
#include "plugin/simulator/task_record.h"

namespace acronis::simulator {

/// A task with its whole future.
struct PlannedTask {
  TaskRecord record{};  ///< As it will be when completed.
  std::int64_t inserted = 0;
  std::int64_t paused = kNoTime;
  std::int64_t resumed = kNoTime;
};

/// Makes up tasks. What is inserted in a second depends on the seed, the
/// options and that second alone, not on when the generator was started.
class TaskGenerator {
 public:
  /// Interns the texts it uses in `pool`, which must outlive it.
  TaskGenerator(const SimulatorOptions& options, TextPool& pool, std::int64_t first_ns);

  /// The tasks inserted since the last call, up to and including `now`, oldest first.
  std::vector<PlannedTask> Until(std::int64_t now);

 private:
  void FillSecond(std::int64_t second);
  PlannedTask Plan(std::int64_t inserted, Dice& dice);
  static void PlanAsReported(PlannedTask& task, std::int64_t lag, Dice& dice);
  void PlanAsQueued(PlannedTask& task, const QueueProfile& profile, Dice& dice);
  const QueueProfile& PickQueue(Dice& dice) const;
  TextPool::Id PickResult(const QueueProfile& profile, std::int64_t time, Dice& dice);

  std::uint64_t seed_;
  double rate_;
  double late_share_;
  Scenario scenario_;
  std::uint64_t tenants_;
  TextPool& pool_;
  std::vector<QueueProfile> queues_;
  std::uint64_t total_share_ = 0;
  std::int64_t next_second_;
  std::int64_t last_tick_ = 0;
  std::int64_t sequence_ = 0;
  std::deque<PlannedTask> pending_;
};

}  // namespace acronis::simulator
