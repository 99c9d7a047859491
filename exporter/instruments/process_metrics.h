#pragma once

#include <filesystem>
#include <vector>

#include <prometheus/metric_family.h>

namespace acronis::exporter {

/// The standard `process_*` metrics of this process, read from procfs mounted
/// at `proc`. What cannot be read is left out; never fails.
std::vector<prometheus::MetricFamily> ReadProcessMetrics(
    const std::filesystem::path& proc = "/proc");

}  // namespace acronis::exporter
