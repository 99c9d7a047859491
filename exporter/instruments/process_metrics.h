#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include <prometheus/metric_family.h>

namespace acronis::exporter {

/// The standard `process_*` metrics of this process, read from procfs mounted
/// at `proc`. What cannot be read is left out; never fails.
std::vector<prometheus::MetricFamily> ReadProcessMetrics(
    const std::filesystem::path& proc = "/proc");

/// When this process started, in seconds since 1970; empty if that cannot be read.
std::optional<double> ReadProcessStart(const std::filesystem::path& proc = "/proc");

}  // namespace acronis::exporter
