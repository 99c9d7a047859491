#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/metrics/family_writer.h"

namespace acronis::exporter {

using metrics::Distribution;
using metrics::FamilyInfo;
using metrics::FamilyWriter;
using metrics::Label;
using metrics::LabelSpan;
using metrics::MetricType;

/// Finished families, in the order of their names.
///
/// One buffer and an index into it: parts that change seldom can be kept and
/// merged into many pages.
struct PagePart {
  struct Family {
    std::string name;  ///< As the format lists it: OpenMetrics has counters without `_total`.
    MetricType type;
    std::size_t begin;  ///< First byte in `text`.
    std::size_t head;   ///< Bytes in front of the samples.
    std::size_t size;   ///< Of all, the head included.
  };
  std::string text{};
  std::vector<Family> families{};
};

/// Writes families in one exposition format. How a page is spelled is decided here; Finish() sorts
/// the families by their names.
class PageWriter : public FamilyWriter {
 public:
  /// Makes room for so many bytes, if the caller knows.
  virtual void Reserve(std::size_t bytes) = 0;
  /// What stands behind the last family of a page.
  virtual std::string_view EndOfPage() const = 0;
  /// Takes what was written; the writer is empty afterwards.
  virtual PagePart Finish() = 0;
};

/// Which families are wanted.
using FamilyFilter = std::function<bool(const PagePart::Family&)>;

/// The families of `parts` that `wanted` accepts, all if it is empty, in the order of their names.
/// REQUIRES: no name is in two parts.
std::string MergeParts(std::initializer_list<const PagePart*> parts,
                       const FamilyFilter& wanted = {});

}  // namespace acronis::exporter
