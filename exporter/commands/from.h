#pragma once

#include <chrono>

#include "exporter/commands/command_line.h"
#include "plugin/core/options.h"
#include "plugin/page_reader.h"

namespace acronis::exporter {

/// The request that `--from` stands for. REQUIRES: it was given.
PageRequest RequestOf(const FromArguments& from, const ProxyEnvironment& proxy,
                      std::chrono::nanoseconds timeout);

}  // namespace acronis::exporter
