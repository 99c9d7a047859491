#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporter/exposition/gzip_member.h"
#include "exporter/exposition/negotiation.h"
#include "exporter/exposition/writer.h"
#include "plugin/collector.h"
#include "plugin/metrics/task_table.h"

namespace acronis::exporter {

/// A writer for `format`. `created`: see OpenMetricsWriter; no other format has it.
std::unique_ptr<PageWriter> MakeWriter(PageFormat format, bool created);

/// Writes task families.
struct TaskRenderer {
  const metrics::TaskTable& table;  ///< Borrowed.
  bool created = false;
};

/// A family of some accounts, packed.
struct PackedFamily {
  std::string name{};
  std::string head{};  ///< The lines in front of the samples. Not packed: a page has it once.
  PackedPart samples{};
};

/// The task families of a few accounts in one state: what is rendered and packed together.
/// Rendered when somebody asks, and kept. Not thread-safe; what it gives out is immutable and may
/// be used by anybody.
class TaskBlock {
 public:
  /// `accounts` are what it shows from then on, in the order of their names.
  explicit TaskBlock(std::vector<AccountView> accounts) : accounts_(std::move(accounts)) {}

  const std::vector<AccountView>& Accounts() const { return accounts_; }
  /// How many samples each account has; empty before something was rendered.
  const std::vector<metrics::SeriesCount>& Series() const { return series_; }

  std::shared_ptr<const PagePart> Plain(PageFormat format, const TaskRenderer& renderer);
  /// Keeps no plain text.
  std::shared_ptr<const std::vector<PackedFamily>> Packed(PageFormat format,
                                                          const TaskRenderer& renderer);

  /// Does not keep it any longer.
  void Drop(PageFormat format, PageEncoding encoding);

 private:
  struct Form {
    std::shared_ptr<const PagePart> plain{};
    std::shared_ptr<const std::vector<PackedFamily>> packed{};
  };

  Form& Of(PageFormat format) { return forms_.at(static_cast<std::size_t>(format)); }
  std::shared_ptr<const PagePart> Render(PageFormat format, const TaskRenderer& renderer);

  std::vector<AccountView> accounts_;
  std::vector<metrics::SeriesCount> series_;
  std::array<Form, kPageFormatCount> forms_{};
};

}  // namespace acronis::exporter
