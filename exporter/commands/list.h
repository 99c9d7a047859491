#pragma once

#include <functional>
#include <stop_token>

#include "exporter/commands/command_line.h"
#include "plugin/core/options.h"
#include "plugin/core/result.h"
#include "plugin/task_reader.h"

namespace acronis::exporter {

/// ReadTasks() with everything but the question and the receiver filled in.
using TaskSource =
    std::function<Status(const AccountOptions&, const TaskReadRequest&,
                         const std::function<void(const TaskReadPage&)>&, const std::stop_token&)>;

/// Where `list` writes to: file descriptors.
struct ListStreams {
  int out = 1;
  int err = 2;
};

/// Prints the tasks of one account. Page by page: memory does not grow with their number.
///
/// Returns the exit code: kExitUsage for an account or filter that does not exist, kExitFailure
/// when a page could not be read, or could not be written, unless the reader has gone away, which
/// is no failure. Progress goes to `err` when it is a terminal.
int RunList(const ListArguments& arguments, const CollectorOptions& options,
            const TaskSource& source, const ListStreams& streams);

}  // namespace acronis::exporter
