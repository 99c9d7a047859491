#pragma once

#include <functional>

#include "exporter/commands/command_line.h"
#include "exporter/commands/signals.h"
#include "plugin/core/clock.h"
#include "plugin/core/options.h"
#include "plugin/core/result.h"

namespace acronis::exporter {

/// Reads the configuration anew, as it was read for the start.
using ConfigLoader = std::function<Result<CollectorOptions>()>;

struct ServeDeps {
  ConfigLoader load;
  /// Made before any thread, with SIGHUP among them.
  const StopSignals& signals;
};

/// Polls the accounts of `options` and serves their metrics until a signal comes; `options` have
/// been checked. SIGHUP reloads the configuration. Tells a service manager how it goes. Returns the
/// exit code.
///
/// Stops within about two seconds: what hangs longer, such as a name look-up, is left behind, and
/// the process ends here with code 0.
int RunServe(const ServeArguments& arguments, const LogOptions& log_options,
             const CollectorOptions& options, ServeDeps deps);

}  // namespace acronis::exporter
