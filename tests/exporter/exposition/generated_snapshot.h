#pragma once

#include <cstddef>
#include <random>
#include <string>

#include "plugin/collector.h"

namespace acronis::exporter {

/// A text of valid UTF-8, mostly of what the formats have to escape or could stumble over.
std::string HostileText(std::mt19937_64& random, std::size_t most_characters);

/// A state with random accounts, queues, counts and listings; names are hostile.
Snapshot GeneratedSnapshot(std::mt19937_64& random);

}  // namespace acronis::exporter
