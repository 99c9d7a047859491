#include "exporter/instruments/process_metrics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <linux/magic.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
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

constexpr std::size_t kReadAtOnce = 4096;

/// The text of a file; empty if it cannot be read. Every scrape does this, so nothing is buffered
/// twice.
std::string ReadFile(const std::string& path) {
  std::filebuf file;
  file.pubsetbuf(nullptr, 0);
  std::string text;
  if (file.open(path, std::ios::in) != nullptr) {
    std::array<char, kReadAtOnce> buffer{};
    std::size_t got = 0;
    do {
      got = static_cast<std::size_t>(file.sgetn(buffer.data(), buffer.size()));
      text.append(buffer.data(), got);
    } while (got == buffer.size());
  }
  return text;
}

std::optional<double> ParseCount(std::string_view text) {
  std::uint64_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{}) {
    return std::nullopt;
  }
  return static_cast<double>(value);
}

/// Those behind the command name, which may itself hold spaces and parentheses. They lie in `stat`.
std::vector<std::string_view> Fields(std::string_view stat) {
  std::vector<std::string_view> fields;
  const std::size_t command = stat.rfind(')');
  stat.remove_prefix(command == std::string_view::npos ? stat.size() : command + 1);
  while (!stat.empty()) {
    const std::size_t end = std::min(stat.find_first_of(" \n"), stat.size());
    if (end > 0) {
      fields.push_back(stat.substr(0, end));
    }
    stat.remove_prefix(std::min(end + 1, stat.size()));
  }
  return fields;
}

/// When the machine started, in seconds since 1970.
std::optional<double> ReadBootTime(const std::filesystem::path& proc) {
  constexpr std::string_view kKey = "\nbtime ";
  const std::string stat = ReadFile(proc / "stat");
  const std::size_t at = stat.find(kKey);
  return at == std::string::npos ? std::nullopt
                                 : ParseCount(std::string_view(stat).substr(at + kKey.size()));
}

/// Whether that is the system's own. Tests make another.
bool IsProcfs(const std::string& path) {
  struct statfs status {};
  return ::statfs(path.c_str(), &status) == 0 && status.f_type == PROC_SUPER_MAGIC;
}

/// How many, from Linux 6.2 on, which tells it as the size of /proc/self/fd.
std::optional<double> ToldOpenFiles(const std::string& folder) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0 || status.st_size <= 0) {
    return std::nullopt;
  }
  return static_cast<double>(status.st_size);
}

/// Entries of /proc/self/fd. As every client library does, this counts the descriptor that reads
/// the folder.
std::optional<double> CountOpenFiles(const std::string& folder) {
  std::error_code error;
  double count = 0;
  for (std::filesystem::directory_iterator entry(folder, error);
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

void AddStat(Families& families, const std::vector<std::string_view>& fields) {
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
  const std::string stat = ReadFile(proc / "self" / "stat");
  const std::vector<std::string_view> fields = Fields(stat);
  const auto boot = ReadBootTime(proc);
  const auto ticks = fields.size() < kStatFields ? std::nullopt : ParseCount(fields[kStartTicks]);
  if (!ticks || !boot) {
    return std::nullopt;
  }
  return *boot + *ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

ProcessMetrics::ProcessMetrics(const std::filesystem::path& proc)
    : stat_(proc / "self" / "stat"),
      open_files_(proc / "self" / "fd"),
      is_procfs_(IsProcfs(open_files_)),
      start_(ReadStart(proc)) {}

std::vector<prometheus::MetricFamily> ProcessMetrics::Read() const {
  Families families;
  const std::string stat = ReadFile(stat_);
  AddStat(families, Fields(stat));
  families.AddGauge("process_start_time_seconds", "Start of the process since the Unix epoch.",
                    start_);
  const std::optional<double> told = is_procfs_ ? ToldOpenFiles(open_files_) : std::nullopt;
  families.AddGauge("process_open_fds", "Open file descriptors.",
                    told ? told : CountOpenFiles(open_files_));
  families.AddGauge("process_max_fds", "Most file descriptors that may be open.",
                    SoftLimit(RLIMIT_NOFILE));
  families.AddGauge("process_virtual_memory_max_bytes", "Most virtual memory that may be used.",
                    SoftLimit(RLIMIT_AS));
  return std::move(families).Take();
}

}  // namespace acronis::exporter
