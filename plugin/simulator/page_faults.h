#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "plugin/simulator/fault_board.h"
#include "plugin/simulator/object_writer.h"
#include "plugin/simulator/task_record.h"

namespace acronis::simulator {

/// What the faults do to the item at `place` of a page; an empty field when nothing.
Twist TwistOf(const std::vector<Fault>& faults, std::size_t place);

/// What the faults do to the envelope of a page; an empty field when nothing.
Twist TwistOfEnvelope(const std::vector<Fault>& faults);

/// Writes the times in `items`, the JSON of tasks, as the faults want them.
void ReformatTimes(const std::vector<Fault>& faults, std::string& items);

/// What the faults do to any item, from its id alone: the same in every answer.
/// An empty field when nothing.
Twist TwistOfEach(const std::vector<Fault>& faults, std::int64_t id);

/// The unknown fields of `new_fields`, with a comma in front; empty when it is off.
std::string NewFields(const std::vector<Fault>& faults);

/// True for a task that no page can show under these faults.
bool IsUnreadable(const std::vector<Fault>& faults, const TaskRecord& task);

}  // namespace acronis::simulator
