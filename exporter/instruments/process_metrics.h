#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <prometheus/metric_family.h>

namespace acronis::exporter {

/// The standard `process_*` metrics of this process, read from procfs mounted
/// at `proc`. What cannot be read is left out; never fails. Thread-safe.
class ProcessMetrics {
 public:
  explicit ProcessMetrics(const std::filesystem::path& proc = "/proc");

  /// When the process started, in seconds since 1970. Read once: the system works it out anew from
  /// its clock each time, so it would move when that is set.
  std::optional<double> StartTime() const { return start_; }
  std::vector<prometheus::MetricFamily> Read() const;

 private:
  std::string stat_;  // Paths: a scrape puts none together.
  std::string open_files_;
  bool is_procfs_;
  std::optional<double> start_;
};

}  // namespace acronis::exporter
