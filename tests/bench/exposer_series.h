#pragma once

#include <cstddef>
#include <memory>

#include <prometheus/registry.h>

namespace acronis::bench {

/// What ScrapedSnapshot() shows of its queues, as metrics of prometheus-cpp.
std::shared_ptr<prometheus::Registry> ExposerSeries(std::size_t queues);

}  // namespace acronis::bench
