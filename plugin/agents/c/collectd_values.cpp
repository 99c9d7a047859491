#include "plugin/agents/c/collectd_values.h"

#include <array>

#include "plugin/agents/c/handle.h"
#include "plugin/agents/formats/board.h"
#include "plugin/agents/formats/collectd.h"

namespace acronis::agents {
namespace {

int Show(const Value& value, acronis_collectd_visitor visitor, void* context) {
  const CollectdName name = CollectdNameOf(value);
  const bool is_counter = value.topic.type == metrics::MetricType::kCounter;
  const acronis_collectd_value shown{
      .plugin_instance = name.plugin_instance.c_str(),
      .type = name.type.c_str(),
      .type_instance = name.type_instance.c_str(),
      .is_counter = is_counter ? 1 : 0,
      .value = is_counter ? static_cast<double>(Whole(value.value)) : value.value};
  return visitor(context, &shown);
}

/// The number of values, or -1 when the visitor has ended it.
int Visit(acronis_collector& collector, acronis_collectd_visitor visitor, void* context) {
  const auto snapshot = collector.Core().TakeSnapshot();
  const auto board = MakeBoard(
      PageOf(*snapshot, collector.Table()),
      {.success_codes = collector.Options().metrics.success_codes, .now = collector.Time().Now()});
  for (const Value& value : board) {
    if (Show(value, visitor, context) != 0) {
      return -1;
    }
  }
  collector.Core().NoteServed(*snapshot);
  return static_cast<int>(board.size());
}

}  // namespace
}  // namespace acronis::agents

const acronis_collectd_type* acronis_collectd_types(void) {
  static constexpr std::array<acronis_collectd_type, 7> kTypes = {{{"acronis_tasks_age", 0},
                                                                   {"acronis_tasks_completed", 1},
                                                                   {"acronis_tasks_failed", 1},
                                                                   {"acronis_tasks_in_flight", 0},
                                                                   {"acronis_tasks_processed", 1},
                                                                   {"acronis_tasks_up", 0},
                                                                   {nullptr, 0}}};
  return kTypes.data();
}

int acronis_collectd_visit(acronis_collector* collector, acronis_collectd_visitor visitor,
                           void* context) {
  try {
    return acronis::agents::Visit(*collector, visitor, context);
  } catch (...) {
    return -1;
  }
}
