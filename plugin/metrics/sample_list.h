#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plugin/metrics/family_writer.h"
#include "plugin/metrics/sample.h"

namespace acronis::metrics {

/// Keeps what it is given as values, named and labelled as a scrape shows them. Does not know when
/// series began.
class SampleList final : public FamilyWriter {
 public:
  void Begin(const FamilyInfo& family) override;
  void BornAt(std::optional<double> /*seconds*/) override {}
  void Sample(LabelSpan labels, double value) override;
  /// As a double: exact up to 2^53.
  void Sample(LabelSpan labels, std::uint64_t value) override;
  void Sample(LabelSpan labels, const Distribution& distribution) override;
  std::uint64_t Samples() const override { return samples_; }

  /// Takes what was written, the families in the order of their names; the list is empty
  /// afterwards.
  Families Take();

 private:
  void Add(std::string_view suffix, Labels labels, double value);

  FamilyInfo family_{};
  bool open_ = false;  ///< The family has a sample.
  Families families_;
  std::uint64_t samples_ = 0;
};

}  // namespace acronis::metrics
