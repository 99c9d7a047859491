#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plugin/simulator/simulator.h"
#include "plugin/simulator/task_generator.h"
#include "plugin/simulator/task_store.h"
#include "plugin/simulator/tenant_list.h"

namespace acronis::simulator {

/// The tasks and tenants there are, made up or added by hand. Times are
/// nanoseconds since 1970. Not thread-safe.
class World {
 public:
  World(const SimulatorOptions& options, std::int64_t now);

  /// Lets everything happen that happens until `now`.
  void Advance(std::int64_t now);

  std::int64_t AddTask(const NewTask& task, std::int64_t now);
  bool ChangeTask(std::int64_t id, const TaskChange& change, std::int64_t now);
  bool RemoveTask(std::int64_t id);

  /// Distinct finished ids completed in [from, to).
  CountsByQueueAndResult Truth(std::int64_t from, std::int64_t to) const;
  /// Completion times before this are beyond the retention at `now`.
  std::int64_t OldestKept(std::int64_t now) const { return now - retention_; }

  TaskStore& Store() { return store_; }
  const TaskStore& Store() const { return store_; }
  const std::vector<Tenant>& Tenants() const { return tenants_; }

 private:
  std::int64_t NextId(std::int64_t now);

  std::int64_t retention_;
  std::vector<Tenant> tenants_;
  TaskStore store_;
  TaskGenerator generator_;
  std::int64_t last_tick_ = 0;
  std::int64_t last_sequence_ = 0;
};

}  // namespace acronis::simulator
