#pragma once

#include "exporter/commands/command_line.h"
#include "exporter/commands/signals.h"
#include "plugin/core/clock.h"
#include "plugin/core/options.h"

namespace acronis::exporter {

/// Polls the accounts of `options` and serves their metrics until a signal comes; `options` have
/// been checked. Returns the exit code.
///
/// Stops within about two seconds: what hangs longer, such as a name look-up, is left behind, and
/// the process ends here with code 0. `signals` must have been made before any thread.
int RunServe(const ServeArguments& arguments, const LogOptions& log_options,
             const CollectorOptions& options, const StopSignals& signals);

}  // namespace acronis::exporter
