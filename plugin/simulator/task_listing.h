#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plugin/simulator/list_query.h"
#include "plugin/simulator/task_store.h"
#include "plugin/simulator/task_view.h"
#include "plugin/simulator/tenant_list.h"

namespace acronis::simulator {

/// What a client may see.
struct ListScope {
  std::string locator = "/1/";         ///< Only tenants below this path.
  std::int64_t oldest_kept = kNoTime;  ///< Tasks completed before it are gone.
};

struct Listing {
  std::vector<TaskStore::Index> items{};
  bool more = false;
};

/// Answers listing queries. Borrows store and tenants.
///
/// Finished tasks within bounds on `completedAt` or `updatedAt` are found
/// through an index; with no further filter a page costs its own length only.
class TaskLister {
 public:
  TaskLister(const TaskStore& store, const std::vector<Tenant>& tenants)
      : store_(store), tenants_(tenants) {}

  /// The tasks at [offset, offset + limit) of the result.
  Listing List(const ListQuery& query, const ListScope& scope, std::int64_t offset,
               std::int64_t limit) const;
  std::uint64_t Count(const ListQuery& query, const ListScope& scope) const;

 private:
  struct Plan;
  struct Keyed;

  Plan MakePlan(const ListQuery& query, const ListScope& scope) const;
  void ChooseCandidates(Plan& plan) const;
  bool IsExact(const Plan& plan) const;
  bool Visible(TaskStore::Index index, const Plan& plan) const;
  static Listing Slice(const Plan& plan, std::int64_t offset, std::int64_t limit);
  Listing Walk(const Plan& plan, std::int64_t offset, std::int64_t limit) const;
  std::vector<TaskStore::Index> Collect(const Plan& plan, bool with_finished) const;
  bool Precedes(TaskStore::Index a, TaskStore::Index b, const Plan& plan) const;
  Keyed KeyOf(TaskStore::Index index, const std::vector<OrderKey>& order) const;
  /// What [offset, offset + limit) would be if all were sorted; only these are.
  Listing Sorted(const std::vector<TaskStore::Index>& items, const std::vector<OrderKey>& order,
                 std::int64_t offset, std::int64_t limit) const;
  TaskView View(TaskStore::Index index) const;

  const TaskStore& store_;
  const std::vector<Tenant>& tenants_;
};

}  // namespace acronis::simulator
