#pragma once

#include "exporter/commands/command_line.h"
#include "exporter/commands/signals.h"

namespace acronis::exporter {

/// Runs a simulated Task Manager and the exporter that polls it over HTTPS, in one process, until
/// a signal comes. Prints where to look and what to paste into prometheus.yml. Returns the exit
/// code.
int RunDemo(const DemoArguments& arguments, const LogOptions& log_options,
            const StopSignals& signals);

}  // namespace acronis::exporter
