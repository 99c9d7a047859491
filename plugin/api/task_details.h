#pragma once

#include <simdjson.h>

#include "plugin/core/task.h"

namespace acronis::api {

/// What a person wants to see of a task: names with their fall-backs in the free-form
/// context, and the best text there is about its error.
TaskDetails ReadTaskDetails(const simdjson::dom::object& record);

}  // namespace acronis::api
