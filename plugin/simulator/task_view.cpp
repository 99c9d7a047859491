#include "plugin/simulator/task_view.h"

#include <array>

#include "plugin/simulator/dice.h"
#include "plugin/simulator/text_format.h"

namespace acronis::simulator {

namespace {

constexpr std::uint64_t kMachinesPerTenant = 20;

constexpr std::array<std::string_view, 8> kMachines = {
    "WIN-R1OR1V5M79O", "srv-größe", "DESKTOP-GFT9S1R", "日本-DB", "mail", "poste-réception",
    "fileserver",      "кадры"};

constexpr std::array<std::string_view, 8> kPlans = {
    "XDR plan",       "Tägliche Sicherung", "7_Tage_2*Täglich",   "Entire machine to cloud",
    "Sauvegarde été", "Servers (hourly)",   "毎日のバックアップ", R"(Laptops "C:\")"};

bool IsAgentAdd(std::string_view type) {
  return type == "agent.add" || type == "A59E8BF2-39C3-42C4-B667-CB672381A214";
}

std::optional<std::int64_t> TimeOrNothing(std::int64_t time) {
  return time == kNoTime ? std::nullopt : std::optional(time);
}

}  // namespace

TaskView::TaskView(const TaskRecord& record, const TextPool& pool, const Tenant& tenant)
    : record_(record),
      pool_(pool),
      tenant_(tenant),
      hash_(Mix(static_cast<std::uint64_t>(record.id))) {}

bool TaskView::HasResource() const {
  return record_.kind != WorkKind::kCloud &&
         !(record_.kind == WorkKind::kSync && IsAgentAdd(Type()));
}

bool TaskView::HasPolicy() const {
  switch (record_.kind) {
    case WorkKind::kSync:
      return !IsAgentAdd(Type());
    case WorkKind::kBackup:
    case WorkKind::kCloud:
      return true;
    case WorkKind::kSecurity:
      return hash_ % 4 != 0;
    case WorkKind::kAgent:
    case WorkKind::kRecovery:
      return false;
  }
  return false;
}

bool TaskView::HasExecutor() const {
  return record_.kind != WorkKind::kSync && record_.assigned != kNoTime;
}

std::string_view TaskView::Priority() const {
  constexpr std::array<std::string_view, 8> kPriorities = {
      "normal", "normal", "normal", "normal", "normal", "high", "belowNormal", "low"};
  return record_.kind == WorkKind::kSync ? "normal" : kPriorities[(hash_ >> 8U) % 8];
}

std::string TaskView::StartedBy() const {
  switch ((hash_ >> 16U) % 4) {
    case 0:
      return ResourceName() + "\\AMS User";
    case 1:
      return tenant_.name;
    case 2:
      return "jürgen.groß@example.com";
    default:
      return {};
  }
}

std::uint64_t TaskView::MachineSeed() const {
  return Mix(record_.tenant, 1000 + (hash_ >> 24U) % kMachinesPerTenant);
}

std::string TaskView::ResourceId() const {
  const std::string id = Uuid(MachineSeed());
  const bool from_agent = record_.kind == WorkKind::kBackup || record_.kind == WorkKind::kAgent;
  return from_agent ? ToUpper(id) : id;
}

std::string TaskView::ResourceName() const {
  const std::uint64_t seed = MachineSeed();
  return std::string(kMachines[seed % kMachines.size()]) + '-' + std::to_string(seed % 1000);
}

std::string TaskView::PolicyId() const {
  return Uuid(Mix(record_.tenant, 2000 + (hash_ >> 32U) % kPlans.size()));
}

std::string_view TaskView::PolicyName() const {
  return kPlans[(hash_ >> 32U) % kPlans.size()];
}

std::string_view TaskView::PolicyType() const {
  switch (record_.kind) {
    case WorkKind::kBackup:
    case WorkKind::kCloud:
    case WorkKind::kRecovery:
      return "policy.backup.machine";
    case WorkKind::kSecurity:
      return Type() == "va.scan" ? "policy.security.vulnerability_assessment"
                                 : "policy.security.antimalware_protection";
    case WorkKind::kSync:
    case WorkKind::kAgent:
      return "policy.protection.total";
  }
  return {};
}

std::string TaskView::ExecutorId() const {
  return Uuid(Mix(MachineSeed(), 1));
}

std::string TaskView::ResourceText(Field field) const {
  if (!HasResource()) {
    return {};
  }
  if (field == Field::kResourceType) {
    return "machine";
  }
  return field == Field::kResourceId ? ResourceId() : ResourceName();
}

std::string TaskView::PolicyText(Field field) const {
  if (!HasPolicy()) {
    return {};
  }
  if (field == Field::kPolicyId) {
    return PolicyId();
  }
  return std::string(field == Field::kPolicyName ? PolicyName() : PolicyType());
}

std::string TaskView::Text(Field field) const {
  switch (field) {
    case Field::kUuid:
      return Uuid(hash_);
    case Field::kType:
      return Type();
    case Field::kQueue:
      return Queue();
    case Field::kStartedBy:
      return StartedBy();
    case Field::kExecutorId:
      return HasExecutor() ? ExecutorId() : std::string();
    case Field::kResourceId:
    case Field::kResourceName:
    case Field::kResourceType:
      return ResourceText(field);
    case Field::kPolicyId:
    case Field::kPolicyName:
    case Field::kPolicyType:
      return PolicyText(field);
    case Field::kTag:
    case Field::kAffinityAgentId:
    case Field::kAffinityClusterId:
    case Field::kId:
    case Field::kState:
    case Field::kResultCode:
    case Field::kPriority:
    case Field::kWorkflowId:
    case Field::kParentActivityId:
    case Field::kEnqueuedAt:
    case Field::kAssignedAt:
    case Field::kStartedAt:
    case Field::kCompletedAt:
    case Field::kUpdatedAt:
    case Field::kAllowDeleted:
      return {};
  }
  return {};
}

std::optional<std::int64_t> TaskView::Number(Field field) const {
  if (field == Field::kState || field == Field::kResultCode) {
    return EnumRank(field, field == Field::kState ? State() : Result());
  }
  if (field == Field::kPriority) {
    return EnumRank(field, Priority());
  }
  if (field == Field::kEnqueuedAt) {
    return TimeOrNothing(record_.enqueued);
  }
  if (field == Field::kAssignedAt) {
    return TimeOrNothing(record_.assigned);
  }
  if (field == Field::kStartedAt) {
    return TimeOrNothing(record_.started);
  }
  if (field == Field::kCompletedAt) {
    return TimeOrNothing(record_.completed);
  }
  if (field == Field::kUpdatedAt) {
    return TimeOrNothing(record_.updated);
  }
  return field == Field::kId ? std::optional(record_.id) : std::nullopt;
}

}  // namespace acronis::simulator
