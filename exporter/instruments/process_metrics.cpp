#include "exporter/instruments/process_metrics.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <prometheus/client_metric.h>
#include <prometheus/metric_type.h>

namespace acronis::exporter {
namespace {

/// Positions in /proc/self/stat behind the command's closing parenthesis (proc(5) counts from 1
/// and from two fields earlier).
enum StatField : std::size_t {
  kUserTicks = 11,
  kSystemTicks = 12,
  kThreads = 17,
  kStartTicks = 19,
  kVirtualBytes = 20,
  kResidentPages = 21,
  kStatFields = 22,
};

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::optional<double> ParseCount(std::string_view text) {
  std::uint64_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{}) {
    return std::nullopt;
  }
  return static_cast<double>(value);
}

/// The fields behind the command name, which may itself hold spaces and parentheses.
std::vector<std::string> ReadStat(const std::filesystem::path& proc) {
  const std::string stat = ReadFile(proc / "self" / "stat");
  const std::size_t end = stat.rfind(')');
  if (end == std::string::npos) {
    return {};
  }
  std::istringstream rest(stat.substr(end + 1));
  return {std::istream_iterator<std::string>(rest), {}};
}

/// When the machine started, in seconds since 1970.
std::optional<double> ReadBootTime(const std::filesystem::path& proc) {
  constexpr std::string_view kKey = "\nbtime ";
  const std::string stat = ReadFile(proc / "stat");
  const std::size_t at = stat.find(kKey);
  return at == std::string::npos ? std::nullopt
                                 : ParseCount(std::string_view(stat).substr(at + kKey.size()));
}

/// Entries of /proc/self/fd. As every client library does, this counts the
/// descriptor that reads the directory.
std::optional<double> CountOpenFiles(const std::filesystem::path& proc) {
  std::error_code error;
  double count = 0;
  for (std::filesystem::directory_iterator entry(proc / "self" / "fd", error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    ++count;
  }
  return error ? std::nullopt : std::optional(count);
}

/// The soft limit; RLIM_INFINITY shows as the largest 64-bit number, as in other clients.
std::optional<double> SoftLimit(__rlimit_resource_t resource) {
  rlimit limit{};
  if (getrlimit(resource, &limit) != 0) {
    return std::nullopt;
  }
  return static_cast<double>(limit.rlim_cur);
}

class Families {
 public:
  void Add(const char* name, const char* help, prometheus::MetricType type,
           std::optional<double> value) {
    if (!value) {
      return;
    }
    prometheus::ClientMetric metric;
    metric.counter.value = *value;
    metric.gauge.value = *value;
    families_.push_back({name, help, type, {metric}});
  }
  void AddGauge(const char* name, const char* help, std::optional<double> value) {
    Add(name, help, prometheus::MetricType::Gauge, value);
  }
  std::vector<prometheus::MetricFamily> Take() && { return std::move(families_); }

 private:
  std::vector<prometheus::MetricFamily> families_;
};

void AddStat(Families& families, const std::vector<std::string>& fields) {
  if (fields.size() < kStatFields) {
    return;
  }
  const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page_size = static_cast<double>(sysconf(_SC_PAGESIZE));
  const auto scaled = [&](StatField field, double factor) -> std::optional<double> {
    const std::optional<double> value = ParseCount(fields[field]);
    return value ? std::optional(*value * factor) : std::nullopt;
  };
  const auto user = scaled(kUserTicks, 1);
  const auto system = scaled(kSystemTicks, 1);
  if (user && system) {
    families.Add("process_cpu_seconds_total", "User and system CPU time spent.",
                 prometheus::MetricType::Counter, (*user + *system) / ticks_per_second);
  }
  families.AddGauge("process_threads", "Threads of the process.", scaled(kThreads, 1));
  families.AddGauge("process_virtual_memory_bytes", "Size of the virtual memory.",
                    scaled(kVirtualBytes, 1));
  families.AddGauge("process_resident_memory_bytes", "Size of the resident memory.",
                    scaled(kResidentPages, page_size));
}

std::optional<double> ReadStart(const std::filesystem::path& proc) {
  const std::vector<std::string> fields = ReadStat(proc);
  const auto boot = ReadBootTime(proc);
  const auto ticks = fields.size() < kStatFields ? std::nullopt : ParseCount(fields[kStartTicks]);
  if (!ticks || !boot) {
    return std::nullopt;
  }
  return *boot + *ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

ProcessMetrics::ProcessMetrics(std::filesystem::path proc)
    : proc_(std::move(proc)), start_(ReadStart(proc_)) {}

std::vector<prometheus::MetricFamily> ProcessMetrics::Read() const {
  Families families;
  AddStat(families, ReadStat(proc_));
  families.AddGauge("process_start_time_seconds", "Start of the process since the Unix epoch.",
                    start_);
  families.AddGauge("process_open_fds", "Open file descriptors.", CountOpenFiles(proc_));
  families.AddGauge("process_max_fds", "Most file descriptors that may be open.",
                    SoftLimit(RLIMIT_NOFILE));
  families.AddGauge("process_virtual_memory_max_bytes", "Most virtual memory that may be used.",
                    SoftLimit(RLIMIT_AS));
  return std::move(families).Take();
}

}  // namespace acronis::exporter
