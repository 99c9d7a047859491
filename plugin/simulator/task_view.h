#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plugin/simulator/field_table.h"
#include "plugin/simulator/task_record.h"
#include "plugin/simulator/tenant_list.h"

namespace acronis::simulator {

/// Everything there is to know about a task: what is stored, and what follows
/// from its id. Borrows its arguments.
class TaskView {
 public:
  TaskView(const TaskRecord& record, const TextPool& pool, const Tenant& tenant);

  const TaskRecord& Record() const { return record_; }
  const Tenant& Owner() const { return tenant_; }
  /// A number that is the same for every look at the task.
  std::uint64_t Hash() const { return hash_; }

  const std::string& Queue() const { return pool_.Text(record_.queue); }
  const std::string& Type() const { return pool_.Text(record_.type); }
  const std::string& State() const { return pool_.Text(record_.state); }
  const std::string& Result() const { return pool_.Text(record_.result); }

  bool HasResource() const;
  bool HasPolicy() const;
  /// An agent took it, so its id is known.
  bool HasExecutor() const;

  std::string_view Priority() const;
  /// Empty when absent.
  std::string StartedBy() const;
  /// Upper case when the agent reported it, for the same machine.
  std::string ResourceId() const;
  std::string ResourceName() const;
  std::string PolicyId() const;
  std::string_view PolicyName() const;
  std::string_view PolicyType() const;
  std::string ExecutorId() const;

  /// The field as text, for filters; empty when absent. REQUIRES: not a numeric field.
  std::string Text(Field field) const;
  /// The field as a number: id, enum rank or nanoseconds; empty when absent.
  std::optional<std::int64_t> Number(Field field) const;

 private:
  std::string ResourceText(Field field) const;
  std::string PolicyText(Field field) const;
  std::uint64_t MachineSeed() const;

  const TaskRecord& record_;
  const TextPool& pool_;
  const Tenant& tenant_;
  std::uint64_t hash_;
};

}  // namespace acronis::simulator
