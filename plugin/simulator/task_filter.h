#pragma once

#include <string>

#include "plugin/simulator/list_query.h"
#include "plugin/simulator/task_view.h"

namespace acronis::simulator {

/// All conditions hold for the task.
bool Matches(const TaskView& task, const std::vector<Condition>& conditions);

}  // namespace acronis::simulator
