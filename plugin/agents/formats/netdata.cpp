#include "plugin/agents/formats/netdata.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "plugin/agents/formats/names.h"

namespace acronis::agents {
namespace {

constexpr std::string_view kType = "acronis_tasks.";
/// netdata cuts ids at 200 characters; topic, account and queue have to fit.
constexpr std::size_t kMostNameBytes = 80;

/// How a topic looks as a chart.
struct Look {
  std::string_view topic;
  std::string_view title;
  std::string_view units;
  std::string_view chart_type;
  int priority;
};
constexpr std::array kLooks = {
    Look{"failed", "Tasks that failed", "tasks/s", "area", 90010},
    Look{"completed", "Tasks completed, by result code", "tasks/s", "stacked", 90020},
    Look{"in_flight", "Tasks not completed yet, by state", "tasks", "stacked", 90030},
    Look{"age", "Time since", "seconds", "line", 90040},
    Look{"up", "Whether the last poll succeeded", "boolean", "line", 90050},
    Look{"processed", "Records received, by what became of them", "records/s", "stacked", 90060},
};

const Look& LookOf(const Topic& topic) {
  return *std::ranges::find(kLooks, topic.name, &Look::topic);
}

bool IsPlainInId(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

/// One word of the protocol. A quotation mark ends it, with or without a backslash before it: one
/// with a backslash is passed over by some versions, and the word goes on to the end of the line.
std::string Quoted(std::string_view text) {
  std::string word = WithoutEscapes(text);
  std::ranges::replace(word, '\'', '`');
  return "'" + word + "'";
}

std::string IdOf(const Value& value) {
  std::string id(kType);
  id += value.topic.name;
  for (const std::string* const part : {&value.account, &value.queue}) {
    if (!part->empty()) {
      id += "_" + PlainName(*part, IsPlainInId, kMostNameBytes);
    }
  }
  return id;
}

/// Values of one chart lie together in a Board.
bool SameChart(const Value& a, const Value& b) {
  return a.account == b.account && a.queue == b.queue && a.topic.name == b.topic.name;
}

std::string_view DimensionOf(const Value& value) {
  return value.detail.empty() ? value.topic.name : std::string_view(value.detail);
}

}  // namespace

std::string NetdataCharts::Round(const std::vector<Value>& board,
                                 std::chrono::microseconds since_last) {
  std::string out;
  for (auto& [id, chart] : charts_) {
    chart.shown = false;
  }
  for (auto begin = board.begin(); begin != board.end();) {
    const auto end =
        std::find_if(begin, board.end(), [&](const Value& v) { return !SameChart(*begin, v); });
    Show({begin, end}, since_last, out);
    begin = end;
  }
  DropVanished(out);
  return out;
}

void NetdataCharts::Show(std::span<const Value> values, std::chrono::microseconds since_last,
                         std::string& out) {
  const Value& first = values.front();
  const std::string id = IdOf(first);
  Dimensions wanted;
  for (const Value& value : values) {
    wanted.emplace(DimensionOf(value));
  }
  Chart& chart =
      charts_.try_emplace(id, Chart{first.topic, first.account, first.queue, {}}).first->second;
  const bool is_new = chart.defined.empty();
  chart.shown = true;
  if (!std::ranges::includes(chart.defined, wanted)) {
    chart.defined.merge(wanted);
    Define(id, chart, out);
  }
  out += "BEGIN " + id + (is_new ? "" : " " + std::to_string(since_last.count())) + "\n";
  for (const Value& value : values) {
    out += "SET " + std::string(DimensionOf(value)) + " = " + std::to_string(Whole(value.value)) +
           "\n";
  }
  out += "END\n";
}

std::string NetdataCharts::Head(const std::string& id, const Chart& chart) const {
  const Look& look = LookOf(chart.topic);
  return "CHART " + id + " '' " + Quoted(look.title) + " " + Quoted(look.units) + " " +
         Quoted(chart.queue.empty() ? chart.account : chart.queue) + " " + std::string(kType) +
         std::string(chart.topic.name) + " " + std::string(look.chart_type) + " " +
         std::to_string(look.priority) + " " + std::to_string(update_every_.count());
}

void NetdataCharts::Define(const std::string& id, const Chart& chart, std::string& out) const {
  out += Head(id, chart) + "\nCLABEL 'account' " + Quoted(chart.account) + " 1\n";
  if (!chart.queue.empty()) {
    out += "CLABEL 'queue' " + Quoted(chart.queue) + " 1\n";
  }
  out += "CLABEL_COMMIT\n";
  const std::string_view algorithm =
      chart.topic.type == metrics::MetricType::kCounter ? "incremental" : "absolute";
  for (const std::string& dimension : chart.defined) {
    out += "DIMENSION " + dimension + " '' " + std::string(algorithm) + " 1 1\n";
  }
}

void NetdataCharts::DropVanished(std::string& out) {
  std::erase_if(charts_, [&](const auto& entry) {
    const auto& [id, chart] = entry;
    out += chart.shown ? "" : Head(id, chart) + " obsolete\n";
    return !chart.shown;
  });
}

}  // namespace acronis::agents
