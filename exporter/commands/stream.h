#pragma once

#include <string>

#include "exporter/commands/command_line.h"
#include "exporter/commands/engine.h"
#include "exporter/commands/signals.h"
#include "exporter/config/environment.h"
#include "plugin/core/options.h"
#include "plugin/page_reader.h"

namespace acronis::exporter {

/// What a stream needs besides its arguments.
struct StreamDeps {
  const StopSignals& signals;
  /// Reads the configuration; not called with `--from`.
  Engine::Load load{};
  AgentEnvironment agent{};
  /// The request that `--from` stands for; its URL is empty without.
  PageRequest from{};
};

/// Polls, or asks a running exporter, and writes batches to standard output or a file until the
/// agent has enough of them or a signal ends it. Returns the exit code: 0 also when the reader has
/// gone.
int RunStream(const StreamArguments& arguments, const LogOptions& log, StreamDeps deps);

}  // namespace acronis::exporter
