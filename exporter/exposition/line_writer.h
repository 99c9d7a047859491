#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/exposition/writer.h"
#include "plugin/metrics/number.h"

namespace acronis::exporter {

using metrics::AppendBound;
using metrics::AppendNumber;

/// Appends a label value: `\`, `"` and line feeds escaped.
void AppendLabelValue(std::string& out, std::string_view value);

/// `counter`, `gauge` or `histogram`: the same word in every format.
std::string_view TypeName(MetricType type);

/// The name of a family without the `_total` that ends the names of counters.
std::string_view BaseName(const FamilyInfo& family);

/// What formats of one line a sample share: everything but the lines in front of a family, and
/// whether series tell when they began.
///
/// A format is a class derived from it. Sample lines are `name{labels} value`; a histogram series
/// is its buckets, `_sum`, `_count`.
class LineWriter : public PageWriter {
 public:
  void Reserve(std::size_t bytes) final { part_.text.reserve(bytes); }
  void Begin(const FamilyInfo& family) final;
  void BornAt(std::optional<double> seconds) final { born_at_ = seconds; }
  void Sample(LabelSpan labels, double value) final;
  void Sample(LabelSpan labels, std::uint64_t value) final;
  void Sample(LabelSpan labels, const Distribution& distribution) final;
  std::uint64_t Samples() const final { return samples_; }
  PagePart Finish() final;

 protected:
  /// With `created`, counters and histograms whose beginning is known have a `_created` sample.
  explicit LineWriter(bool created) : created_(created) {}

 private:
  /// The family's name in front of its samples.
  virtual std::string_view ListedName(const FamilyInfo& family) const = 0;
  virtual void AppendHeader(std::string& out, const FamilyInfo& family) const = 0;

  /// Opens the family if need be and spells the labels for the lines that follow.
  void StartSeries(LabelSpan labels);
  /// `name_suffix{labels} `; returns with the cursor where the value goes.
  void StartLine(std::string_view name, std::string_view suffix);
  void EndLine();
  void EndSample();
  void Buckets(const Distribution& distribution);
  void Created();
  /// The bounds as text; spelled once for all series that share them.
  const std::vector<std::string>& Spelled(std::span<const double> bounds);

  bool created_;
  PagePart part_;
  FamilyInfo family_{};
  bool open_ = false;  ///< The family's header is written.
  std::optional<double> born_at_;
  std::uint64_t samples_ = 0;
  std::string labels_;  ///< Of the series being written: `a="b",c="d"`.
  std::vector<double> bounds_;
  std::vector<std::string> spelled_bounds_;
};

}  // namespace acronis::exporter
