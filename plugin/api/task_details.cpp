#include "plugin/api/task_details.h"

#include <string>
#include <string_view>

#include "plugin/api/json_access.h"

namespace acronis::api {
namespace {

std::string FirstOf(std::initializer_list<std::string_view> texts) {
  for (const auto text : texts) {
    if (!text.empty()) {
      return std::string(text);
    }
  }
  return {};
}

std::string ErrorText(const JsonObject& error) {
  std::string text =
      FirstOf({TextAt(ObjectAt(error, "context"), "cause_str"), TextAt(error, "reason"),
               TextAt(error, "message"), TextAt(ObjectAt(error, "debug"), "msg")});
  return text.empty() ? TextOrNumberAt(error, "code") : text;
}

}  // namespace

TaskDetails ReadTaskDetails(const simdjson::dom::object& record) {
  const JsonObject task = record;
  const JsonObject context = ObjectAt(task, "context");
  TaskDetails details;
  details.uuid = TextAt(task, "uuid");
  details.tenant_name = TextAt(ObjectAt(task, "tenant"), "name");
  details.resource_name =
      FirstOf({TextAt(ObjectAt(task, "resource"), "name"), TextAt(context, "MachineName"),
               TextAt(ObjectAt(context, "Persistent"), "Name")});
  details.policy_name = FirstOf({TextAt(ObjectAt(task, "policy"), "name"),
                                 TextAt(context, "PlanName"), TextAt(context, "BackupPlanName")});
  details.error_text = ErrorText(ObjectAt(ObjectAt(task, "result"), "error"));
  return details;
}

}  // namespace acronis::api
