#include "exporter/stream/batch.h"

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "plugin/agents/formats/board.h"
#include "plugin/agents/formats/collectd.h"
#include "plugin/agents/formats/line_protocol.h"
#include "plugin/agents/formats/netdata.h"

namespace acronis::exporter {
namespace {

std::string_view TakeLine(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

/// Without the families whose name begins so. Every family begins with its HELP.
std::string Without(std::string_view prefix, std::string_view page) {
  const std::string unwanted = "# HELP " + std::string(prefix);
  std::string kept;
  bool keep = true;
  while (!page.empty()) {
    const std::string_view line = TakeLine(page);
    if (line.starts_with("# HELP ")) {
      keep = !line.starts_with(unwanted);
    }
    if (keep) {
      kept += line;
      kept += '\n';
    }
  }
  return kept;
}

/// A blank line tells a reader of a pipe that the page is whole.
std::string Prometheus(const StreamPage& page, bool for_file) {
  return for_file ? Without("process_", page.text) : page.text + "\n";
}

/// netdata wants to know how long ago the round before was.
class NetdataBatches {
 public:
  explicit NetdataBatches(const BatchOptions& options)
      : success_codes_(options.success_codes),
        charts_(std::make_shared<agents::NetdataCharts>(options.interval)) {}

  std::string operator()(const StreamPage& page, TimePoint now, MonotonicTime monotonic) {
    const auto since_last = monotonic - std::exchange(last_, monotonic).value_or(monotonic);
    return charts_->Round(agents::MakeBoard(page.values, {success_codes_, now}),
                          std::chrono::duration_cast<std::chrono::microseconds>(since_last));
  }

 private:
  std::vector<std::string> success_codes_;
  std::shared_ptr<agents::NetdataCharts> charts_;
  std::optional<MonotonicTime> last_;
};

}  // namespace

PageForm FormFor(StreamFormat format) {
  return format == StreamFormat::kPrometheus ? PageForm::kText : PageForm::kValues;
}

BatchWriter MakeBatchWriter(const BatchOptions& options) {
  switch (options.format) {
    case StreamFormat::kInflux:
      return [](const StreamPage& page, TimePoint now, MonotonicTime /*monotonic*/) {
        return agents::LineProtocol(page.values, now);
      };
    case StreamFormat::kNetdata:
      return NetdataBatches(options);
    case StreamFormat::kCollectd:
      return [options](const StreamPage& page, TimePoint now, MonotonicTime /*monotonic*/) {
        return agents::CollectdLines(agents::MakeBoard(page.values, {options.success_codes, now}),
                                     options.host, options.interval);
      };
    case StreamFormat::kPrometheus:
      return [for_file = options.for_file](const StreamPage& page, TimePoint /*now*/,
                                           MonotonicTime /*monotonic*/) {
        return Prometheus(page, for_file);
      };
  }
  return {};
}

}  // namespace acronis::exporter
