#pragma once

#include "exporter/commands/command_line.h"
#include "exporter/commands/signals.h"

namespace acronis::exporter {

/// Runs a simulated Task Manager until a signal comes and prints how to reach it, with an account
/// to paste into a configuration file. Returns the exit code.
int RunSimulate(const SimulateArguments& arguments, const LogOptions& log_options,
                const StopSignals& signals);

}  // namespace acronis::exporter
