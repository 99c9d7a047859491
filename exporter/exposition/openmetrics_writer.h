#pragma once

#include <string>
#include <string_view>

#include "exporter/exposition/line_writer.h"

namespace acronis::exporter {

/// The unit that the name of a family ends in, `_total` aside: `seconds`, `bytes` or empty.
std::string_view UnitOf(const FamilyInfo& family);

/// OpenMetrics 1.0.0.
///
/// Differs from the text format in what stands around the samples: counters are listed without
/// `_total`, units are named, HELP escapes quotes too, `# EOF` ends the page. With `created`,
/// series tell when they began (FamilyWriter::BornAt) in a sample `_created`.
class OpenMetricsWriter final : public LineWriter {
 public:
  explicit OpenMetricsWriter(bool created = false) : LineWriter(created) {}
  std::string_view EndOfPage() const override { return "# EOF\n"; }

 private:
  std::string_view ListedName(const FamilyInfo& family) const override { return BaseName(family); }
  void AppendHeader(std::string& out, const FamilyInfo& family) const override;
};

}  // namespace acronis::exporter
