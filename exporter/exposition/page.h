#pragma once

#include <memory>
#include <string>

#include "exporter/exposition/task_table.h"
#include "exporter/instruments/instruments.h"
#include "plugin/collector.h"
#include "plugin/core/options.h"

namespace acronis::exporter {

/// One finished scrape, and the state it shows: whoever delivers the body
/// passes the snapshot on to Collector::NoteServed().
struct RenderedPage {
  std::string body;
  std::shared_ptr<const Snapshot> snapshot;
};

/// The whole page behind the telemetry path: what was counted and what this
/// program did, merged into one sorted list of families.
///
/// Borrows both for its life. Thread-safe; does no remote and no disk I/O.
class MetricsPage {
 public:
  MetricsPage(const Collector& collector, const Instruments& instruments, MetricsOptions options);

  RenderedPage Render() const;

 private:
  const Collector& collector_;
  const Instruments& instruments_;
  TaskTable table_;
};

}  // namespace acronis::exporter
