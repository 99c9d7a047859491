#include "plugin/simulator/field_table.h"

#include <algorithm>
#include <span>

namespace acronis::simulator {

namespace {

constexpr std::array<FieldInfo, 29> kFields = {{
    {Field::kId, "id", FieldKind::kInteger},
    {Field::kUuid, "uuid", FieldKind::kUuid},
    {Field::kState, "state", FieldKind::kEnum},
    {Field::kResultCode, "resultCode", FieldKind::kEnum},
    {Field::kPriority, "priority", FieldKind::kEnum, Resource::kTasks},
    {Field::kType, "type", FieldKind::kText},
    {Field::kQueue, "queue", FieldKind::kText, Resource::kTasks},
    {Field::kResourceId, "resourceId", FieldKind::kText},
    {Field::kResourceName, "resourceName", FieldKind::kName},
    {Field::kResourceType, "resourceType", FieldKind::kText},
    {Field::kPolicyId, "policyId", FieldKind::kText},
    {Field::kPolicyName, "policyName", FieldKind::kName},
    {Field::kPolicyType, "policyType", FieldKind::kText},
    {Field::kStartedBy, "startedBy", FieldKind::kName},
    {Field::kExecutorId, "executorId", FieldKind::kText, Resource::kTasks},
    {Field::kWorkflowId, "workflowId", FieldKind::kInteger},
    {Field::kTag, "tag", FieldKind::kText},
    {Field::kAffinityAgentId, "affinityAgentId", FieldKind::kText, Resource::kTasks},
    {Field::kAffinityClusterId, "affinityClusterId", FieldKind::kText, Resource::kTasks},
    {Field::kEnqueuedAt, "enqueuedAt", FieldKind::kTime, Resource::kTasks},
    {Field::kAssignedAt, "assignedAt", FieldKind::kTime, Resource::kTasks},
    {Field::kStartedAt, "startedAt", FieldKind::kTime},
    {Field::kCompletedAt, "completedAt", FieldKind::kTime},
    {Field::kUpdatedAt, "updatedAt", FieldKind::kTime},
    {Field::kAllowDeleted, "allow_deleted", FieldKind::kFlag},
    // An activity here belongs to one task, is a root, and began when the task was started.
    {Field::kId, "taskId", FieldKind::kInteger, Resource::kActivities},
    {Field::kParentActivityId, "parentActivityId", FieldKind::kInteger, Resource::kActivities},
    {Field::kStartedAt, "createdAt", FieldKind::kTime, Resource::kActivities},
    {Field::kAllowDeleted, "sustainable", FieldKind::kFlag, Resource::kActivities},
}};

constexpr std::array<std::string_view, 5> kStates = {"enqueued", "assigned", "started", "paused",
                                                     "completed"};
constexpr std::array<std::string_view, 6> kResults = {"ok",        "error",     "warning",
                                                      "cancelled", "abandoned", "timedout"};
constexpr std::array<std::string_view, 5> kPriorities = {"low", "belowNormal", "normal",
                                                         "aboveNormal", "high"};

std::optional<std::int64_t> PlaceIn(std::span<const std::string_view> values,
                                    std::string_view value) {
  const auto found = std::find(values.begin(), values.end(), value);
  return found == values.end() ? std::nullopt : std::optional<std::int64_t>(found - values.begin());
}

}  // namespace

const FieldInfo* FindField(std::string_view name, Resource resource) {
  const auto* const found =
      std::find_if(kFields.begin(), kFields.end(), [&](const FieldInfo& info) {
        return info.name == name && info.only.value_or(resource) == resource;
      });
  return found == kFields.end() ? nullptr : found;
}

std::optional<std::int64_t> EnumRank(Field field, std::string_view value) {
  if (field == Field::kState) {
    return PlaceIn(kStates, value);
  }
  return PlaceIn(field == Field::kResultCode ? std::span<const std::string_view>(kResults)
                                             : std::span<const std::string_view>(kPriorities),
                 value);
}

}  // namespace acronis::simulator
