#pragma once

#include <string>

#include "plugin/core/task.h"

namespace acronis::exporter {

enum class ListFormat { kTable, kJson, kCsv };

/// What comes before the first task: the head line of a table or of CSV, nothing for JSON.
std::string ListHeader(ListFormat format);

/// Appends one task as one line. A table is for people: columns are padded, longer values are
/// never cut but move the rest of their line, control characters are replaced. JSON is one object
/// a line (NDJSON) with every key always there, the id as a text because it does not fit into the
/// numbers of most readers. CSV follows RFC 4180 with line feeds; a quoted value may hold some.
void AppendTask(ListFormat format, const Task& task, std::string& out);

}  // namespace acronis::exporter
