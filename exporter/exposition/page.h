#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/exposition/kept_tasks.h"
#include "exporter/exposition/scrape.h"
#include "exporter/instruments/instruments.h"
#include "plugin/collector.h"
#include "plugin/core/options.h"
#include "plugin/metrics/sample.h"
#include "plugin/metrics/task_table.h"

namespace acronis::exporter {

/// One finished scrape, and the state it shows: whoever delivers the body
/// passes the snapshot on to Collector::NoteServed(). It is null when families were asked for by
/// name and none of the tasks' is among them: then nobody has seen a series of a queue.
struct RenderedPage {
  ScrapeBody body{};
  std::string content_type{};
  std::string_view content_encoding{};  ///< `gzip`, or empty. A constant of the program.
  std::shared_ptr<const Snapshot> snapshot{};
};

/// The same as values.
struct ListedPage {
  metrics::Families families{};
  std::shared_ptr<const Snapshot> snapshot{};
};

/// The whole page behind the telemetry path: what was counted and what this
/// program did, merged into one sorted list of families.
///
/// The task families, nearly all of a large page, are rendered and packed once for each state
/// (KeptTasks) and are pieces of the bodies as they lie there; the others are written for each
/// scrape. A gzip body is one member all the same. Pages of some families only are not kept.
///
/// Live counters and histograms began when the process did.
///
/// Borrows both for its life. Thread-safe; does no remote and no disk I/O but in procfs.
class MetricsPage {
 public:
  MetricsPage(const Collector& collector, const Instruments& instruments, MetricsOptions options);

  /// The page in the format and encoding that NegotiateFormat() and NegotiateEncoding() choose.
  RenderedPage Render(const ScrapeRequest& request = {}) const;

  /// All of the page as values, made for each call.
  ListedPage List() const;

  /// Of the pages that begin from now on.
  void SetSuccessCodes(const std::vector<std::string>& codes);

 private:
  /// All families but those of `tasks`, written by `writer`.
  PagePart RenderLive(const TaskPart& tasks, PageWriter& writer) const;

  const Collector& collector_;
  const Instruments& instruments_;
  bool created_;
  metrics::TaskTable table_;
  mutable KeptTasks kept_;
};

}  // namespace acronis::exporter
