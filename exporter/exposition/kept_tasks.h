#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "exporter/exposition/gzip_member.h"
#include "exporter/exposition/negotiation.h"
#include "exporter/exposition/task_table.h"
#include "exporter/exposition/writer.h"
#include "plugin/collector.h"

namespace acronis::exporter {

/// A writer for `format`. `created`: see OpenMetricsWriter; no other format has it.
std::unique_ptr<FamilyWriter> MakeWriter(PageFormat format, bool created);

/// The task families of one state, as one scrape needs them. Immutable, shared between scrapes.
struct TaskPart {
  std::shared_ptr<const Snapshot> snapshot{};  ///< What the rest of the page shows, too.
  std::shared_ptr<const std::vector<SeriesCount>> series{};
  std::shared_ptr<const PagePart> plain{};     ///< In the order of the names. Or null:
  std::shared_ptr<const PackedPart> packed{};  ///< The same, packed.
};

/// Renders the task families once for each state, format and encoding that somebody asks for, and
/// keeps them until there is another state; then only what is asked for is rendered anew.
///
/// A state is what the families show: commits that count nothing and listings that find the same do
/// not make another. Who asks while another renders waits for the result and shares it. Borrows the
/// collector. Thread-safe; does no I/O.
class KeptTasks {
 public:
  KeptTasks(const Collector& collector, const TaskTable& table, bool created)
      : collector_(collector), table_(table), created_(created) {}

  /// The newest state, packed for kGzip, else plain.
  TaskPart Get(PageFormat format, PageEncoding encoding);
  /// The table writes something else from now on.
  void Forget();

 private:
  struct Form {
    std::shared_ptr<const std::vector<SeriesCount>> series{};
    std::shared_ptr<const PagePart> plain{};
    std::shared_ptr<const PackedPart> packed{};
  };

  /// The families in plain text; `form.series` is set.
  std::shared_ptr<const PagePart> Render(PageFormat format, Form& form);

  const Collector& collector_;
  const TaskTable& table_;
  bool created_;
  std::mutex mutex_;                          // Guards everything below.
  std::shared_ptr<const Snapshot> snapshot_;  // What `forms_` show.
  std::array<Form, 2> forms_{};               // By format.
  std::array<std::size_t, 2> sizes_{};        // Of the texts rendered last.
};

}  // namespace acronis::exporter
