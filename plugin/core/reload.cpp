#include "plugin/core/reload.h"

#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

namespace acronis {
namespace {

std::string ToText(const std::filesystem::path& path) {
  return path.string();
}

std::string ToText(std::chrono::nanoseconds duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) +
         "ms";
}

std::string ToText(std::uint64_t number) {
  return std::to_string(number);
}

std::string ToText(const std::vector<double>& bounds) {
  std::string text;
  std::array<char, 32> digits{};
  for (const double bound : bounds) {
    const char* const end = std::to_chars(digits.begin(), digits.end(), bound).ptr;
    text += text.empty() ? "" : ", ";
    text += std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data()));
  }
  return "[" + text + "]";
}

template <typename Value>
Status CheckKept(std::string_view key, const Value& running, const Value& wanted) {
  if (running == wanted) {
    return Ok{};
  }
  return Error{ErrorKind::kInvalidArgument,
               std::string(key) + ": '" + ToText(wanted) +
                   "' needs a restart; a reload accepts only what is in use: '" + ToText(running) +
                   "'"};
}

}  // namespace

Status CheckReloadable(const CollectorOptions& running, const CollectorOptions& wanted) {
  const MetricsOptions& now = running.metrics;
  const MetricsOptions& then = wanted.metrics;
  for (Status kept :
       {CheckKept("store.path", running.store.path, wanted.store.path),
        CheckKept("store.guard_path", running.store.guard_path, wanted.store.guard_path),
        CheckKept("metrics.series_hold", now.series_hold, then.series_hold),
        CheckKept("metrics.series_limit", now.series_limit, then.series_limit),
        CheckKept("metrics.duration_buckets", now.duration_buckets, then.duration_buckets),
        CheckKept("metrics.queue_wait_buckets", now.queue_wait_buckets, then.queue_wait_buckets)}) {
    if (!kept) {
      return kept;
    }
  }
  return Ok{};
}

}  // namespace acronis
