#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace acronis::simulator {

enum class Field : std::uint8_t {
  kId,
  kUuid,
  kState,
  kResultCode,
  kPriority,
  kType,
  kQueue,
  kResourceId,
  kResourceName,
  kResourceType,
  kPolicyId,
  kPolicyName,
  kPolicyType,
  kStartedBy,
  kExecutorId,
  kWorkflowId,
  kParentActivityId,
  kTag,
  kAffinityAgentId,
  kAffinityClusterId,
  kEnqueuedAt,
  kAssignedAt,
  kStartedAt,
  kCompletedAt,
  kUpdatedAt,
  kAllowDeleted,
};

enum class FieldKind : std::uint8_t {
  kInteger,
  kUuid,
  kEnum,
  kTime,
  kText,  ///< Up to 64 bytes.
  kName,  ///< Up to 256 bytes; has the `like` functions.
  kFlag,
};

/// What can be listed.
enum class Resource : std::uint8_t { kTasks, kActivities };

/// One query parameter that filters.
struct FieldInfo {
  Field field;
  std::string_view name;
  FieldKind kind;
  std::optional<Resource> only{};  ///< Empty: both resources have it.
};

/// Null for a name that the resource does not have.
const FieldInfo* FindField(std::string_view name, Resource resource);

/// Place of an enum value in the service's internal order; empty for an unknown value.
std::optional<std::int64_t> EnumRank(Field field, std::string_view value);

constexpr bool IsNumeric(FieldKind kind) {
  return kind == FieldKind::kInteger || kind == FieldKind::kEnum || kind == FieldKind::kTime;
}

}  // namespace acronis::simulator
