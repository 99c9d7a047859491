#pragma once

#include <ostream>

#include "exporter/commands/command_line.h"
#include "plugin/core/options.h"
#include "plugin/store_tool.h"

namespace acronis::exporter {

/// What `store` writes to.
struct StoreStreams {
  std::ostream& out;
  std::ostream& err;
};

/// Looks at a store or changes it, as `arguments` say. `accounts` are those of the configuration,
/// for the actions that need one. Returns the exit code.
int RunStore(const StoreArguments& arguments, const StoreOptions& store,
             const std::vector<AccountOptions>& accounts, const StoreStreams& streams);

/// The report as one JSON object.
std::string ToJson(const StoreReport& report);

}  // namespace acronis::exporter
