#include "plugin/agents/formats/collectd.h"

#include <string_view>

#include "plugin/agents/formats/names.h"
#include "plugin/metrics/number.h"

namespace acronis::agents {
namespace {

constexpr std::string_view kPlugin = "acronis_tasks";
/// collectd keeps so many bytes of a host or an instance.
constexpr std::size_t kMostBytes = 127;
/// Account, `:` and queue have to fit.
constexpr std::size_t kMostNameBytes = 63;
constexpr unsigned char kFirstPrintable = 0x20;
constexpr unsigned char kDelete = 0x7f;

bool IsPlainInHost(unsigned char c) {
  return c >= kFirstPrintable && c != kDelete && c != '/' && c != '"' && c != '\\';
}

bool IsPlainInName(unsigned char c) {
  return IsPlainInHost(c) && c != ':';
}

std::string Plain(std::string_view text) {
  return PlainName(text, IsPlainInName, kMostNameBytes);
}

void AppendValue(std::string& out, const Value& value) {
  if (value.topic.type == metrics::MetricType::kCounter) {
    out += std::to_string(Whole(value.value));
  } else {
    metrics::AppendNumber(out, value.value);
  }
}

}  // namespace

CollectdName CollectdNameOf(const Value& value) {
  return {.plugin_instance =
              Plain(value.account) + (value.queue.empty() ? "" : ":" + Plain(value.queue)),
          .type = std::string(kPlugin) + "_" + std::string(value.topic.name),
          .type_instance = Plain(value.detail)};
}

std::string CollectdLines(const std::vector<Value>& board, const std::string& host,
                          std::chrono::seconds interval) {
  const std::string options = "\" interval=" + std::to_string(interval.count()) + " N:";
  const std::string begin =
      "PUTVAL \"" + PlainName(host, IsPlainInHost, kMostBytes) + "/" + std::string(kPlugin) + "-";
  std::string lines;
  for (const Value& value : board) {
    const CollectdName name = CollectdNameOf(value);
    lines += begin;
    lines += name.plugin_instance;
    lines += '/';
    lines += name.type;
    lines += name.type_instance.empty() ? "" : "-";
    lines += name.type_instance;
    lines += options;
    AppendValue(lines, value);
    lines += '\n';
  }
  return lines;
}

}  // namespace acronis::agents
