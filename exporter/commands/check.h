#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "exporter/commands/command_line.h"
#include "exporter/commands/list.h"
#include "plugin/core/clock.h"
#include "plugin/core/options.h"
#include "plugin/core/result.h"

namespace acronis::exporter {

/// What a check takes from the world. Borrowed.
struct CheckWorld {
  std::function<Result<CollectorOptions>()> load;  ///< The configuration; not called with --from.
  TaskSource source;
  ProxyEnvironment proxy{};
  std::filesystem::path state_directory{};  ///< When the arguments name none.
  Clock& clock;
  ListStreams streams{};
};

/// Counts the tasks that completed in a window, from the API or a running exporter, and says in the
/// manner of a Nagios plugin (one of Zabbix's with --value or --lld) whether they are too many or
/// too few.
///
/// Returns the exit code: 0 to 3 as Nagios has it, everything that goes wrong is 3 with its reason
/// on standard output; for Zabbix 0, or 1 with the reason on standard error. Ends the process
/// itself when work does not end at the deadline. Takes the signals SIGINT and SIGTERM.
int RunCheck(const CheckArguments& arguments, const CheckWorld& world);

/// What RunCheck() says, and returns, when something is wrong.
int FailCheck(CheckOutput output, std::string_view problem, const ListStreams& streams);

}  // namespace acronis::exporter
