#pragma once

#include <string>

#include "plugin/simulator/task_view.h"

namespace acronis::simulator {

/// Appends the `error` object of a failed task; `with_source` adds the deep
/// `_src` tree that real agents send.
void AppendTaskError(std::string& out, const TaskView& task, bool with_source);

}  // namespace acronis::simulator
