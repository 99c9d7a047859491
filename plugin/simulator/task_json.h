#pragma once

#include <string>

#include "plugin/simulator/list_query.h"
#include "plugin/simulator/object_writer.h"
#include "plugin/simulator/task_view.h"

namespace acronis::simulator {

/// Appends a task as the service writes it: its key order, times with trimmed
/// nanoseconds, optional objects left out rather than null. `twist` may be null.
void AppendTaskJson(std::string& out, const TaskView& task, Lod lod, const Twist* twist);

/// Appends the root activity of a task that was started. It carries its task's id and uuid, as
/// documented objects of the legacy queue do.
void AppendActivityJson(std::string& out, const TaskView& task, Lod lod);

}  // namespace acronis::simulator
