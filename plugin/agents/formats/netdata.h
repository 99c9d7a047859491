#pragma once

#include <chrono>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "plugin/agents/formats/board.h"

namespace acronis::agents {

/// A Board as charts of netdata's plugins.d protocol (1.37; learn.netdata.cloud, "External
/// plugins").
///
/// A chart for each account or queue and topic, in the context `acronis_tasks.TOPIC`, labelled with
/// `account` and `queue`; its dimensions are the details. Counters are incremental, so that neither
/// a restart of ours nor of netdata makes a spike. A chart is defined with its first value, once
/// more when it gets another dimension, and declared obsolete when its values are gone.
///
/// Remembers what it has defined: one for each process that reads. Not thread-safe.
class NetdataCharts {
 public:
  /// `update_every` is what netdata asks for, 1 s or more.
  explicit NetdataCharts(std::chrono::seconds update_every) : update_every_(update_every) {}

  /// One round of values. `since_last` is the time since the round before.
  std::string Round(const std::vector<Value>& board, std::chrono::microseconds since_last);

 private:
  using Dimensions = std::set<std::string>;
  struct Chart {
    Topic topic;
    std::string account;
    std::string queue;
    Dimensions defined;
    bool shown = false;  ///< In the round under way.
  };

  void Show(std::span<const Value> values, std::chrono::microseconds since_last, std::string& out);
  /// The line that names a chart, without its end.
  std::string Head(const std::string& id, const Chart& chart) const;
  void Define(const std::string& id, const Chart& chart, std::string& out) const;
  void DropVanished(std::string& out);

  std::chrono::seconds update_every_;
  std::map<std::string, Chart> charts_;  ///< By id.
};

}  // namespace acronis::agents
