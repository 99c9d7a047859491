#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "exporter/exposition/gzip_member.h"
#include "exporter/exposition/negotiation.h"
#include "exporter/exposition/scrape.h"
#include "exporter/exposition/task_block.h"
#include "exporter/exposition/writer.h"
#include "plugin/collector.h"
#include "plugin/metrics/task_table.h"

namespace acronis::exporter {

/// The task families of one state as pieces of a page, in the order of their names. Immutable,
/// shared between scrapes.
struct PlainTasks {
  struct Family {
    std::string name;  ///< As PagePart has it.
    MetricType type;
    std::vector<ScrapeBody::Piece> pieces;
  };
  std::vector<Family> families{};
};

/// The same, deflated.
struct PackedTasks {
  std::vector<ScrapeBody::Piece> pieces{};
  PlainSum sum{};  ///< Of all that they are unpacked to.
};

/// The task families of one state, as one scrape needs them.
struct TaskPart {
  std::shared_ptr<const Snapshot> snapshot{};  ///< What the rest of the page shows, too.
  std::shared_ptr<const std::vector<metrics::SeriesCount>> series{};
  std::shared_ptr<const PlainTasks> plain{};    ///< Or null:
  std::shared_ptr<const PackedTasks> packed{};  ///< The same, packed.
};

/// Renders the task families once for each state, format and encoding that somebody asks for, and
/// keeps them until there is another state. Of another state only the blocks of accounts that
/// differ are rendered, and only in the forms that were asked for since the one before.
///
/// A state is what the families show: commits that count nothing and listings that find the same do
/// not make another. Who asks while another renders waits for the result and shares it. Borrows the
/// collector and the table. Thread-safe; does no I/O.
class KeptTasks {
 public:
  KeptTasks(const Collector& collector, const metrics::TaskTable& table, bool created)
      : collector_(collector), renderer_{table, created} {}

  /// The newest state, packed for kGzip, else plain.
  TaskPart Get(PageFormat format, PageEncoding encoding);
  /// The table writes something else from now on.
  void Forget();

 private:
  struct Form {
    std::shared_ptr<const PlainTasks> plain{};
    std::shared_ptr<const PackedTasks> packed{};
  };

  void Show(const std::shared_ptr<const Snapshot>& snapshot);
  void DropWhatNobodyAskedFor();
  std::vector<metrics::SeriesCount> Series() const;

  const Collector& collector_;
  TaskRenderer renderer_;
  std::mutex mutex_;                          // Guards everything below.
  std::shared_ptr<const Snapshot> snapshot_;  // What the rest is of.
  std::vector<TaskBlock> blocks_;             // In the order of the accounts.
  std::array<Form, kPageFormatCount> forms_{};
  std::shared_ptr<const std::vector<metrics::SeriesCount>>
      series_;  // Null: nothing was asked for yet.
};

}  // namespace acronis::exporter
