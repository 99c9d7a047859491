#include "plugin/poll/account.h"

#include <string>

#include "plugin/core/label.h"
#include "plugin/core/utf8.h"

namespace acronis::poll {

Result<api::TaskQuery> BaseQuery(const Account& account, std::span<const std::string_view> states,
                                 std::string_view order_field) {
  api::TaskQuery query;
  for (const std::string_view state : states) {
    if (auto added = query.AddFilter("state", state); !added) {
      return std::move(added).error();
    }
  }
  for (const auto& [field, value] : account.filters) {
    if (auto added = query.AddFilter(field, value); !added) {
      return std::move(added).error();
    }
  }
  const std::string order = "asc(" + std::string(order_field) + ")";
  if (auto set = query.SetOrder(order); !set) {
    return std::move(set).error();
  }
  if (auto set = query.SetLimit(account.options.page_size); !set) {
    return std::move(set).error();
  }
  if (auto set = query.SetLod(account.options.lod); !set) {
    return std::move(set).error();
  }
  return query;
}

void NormaliseQueue(Task& task, bool page_repaired, Telemetry& telemetry) {
  if (task.queue.empty()) {
    task.queue = kNoQueue;
    return;
  }
  Label label = RepairLabel(task.queue);
  if (label.repaired ||
      (page_repaired && label.value.find(kReplacementCharacter) != std::string::npos)) {
    telemetry.LabelRepaired("queue");
  }
  task.queue = std::move(label.value);
}

}  // namespace acronis::poll
