#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "plugin/metrics/sample.h"

namespace acronis::metrics {

/// What every sample of a family shares. The texts are constants of the program, never remote.
/// A name ends in `_total` if and only if it is a counter's.
struct FamilyInfo {
  std::string_view name;
  MetricType type;
  std::string_view help;
};

/// One label of one series. The value is valid UTF-8; the writer escapes it.
struct Label {
  std::string_view name;
  std::string_view value;
};
using LabelSpan = std::span<const Label>;

/// A distribution as a scrape shows it.
struct Distribution {
  std::span<const double> bounds;             ///< Upper, inclusive, ascending; without +Inf.
  std::span<const std::uint64_t> cumulative;  ///< One per bound, then the count of all.
  double sum = 0;
};

/// Takes families, one sample after another. What there is and in which order is decided by the
/// callers; what becomes of it, by whoever derives from this. Nothing here knows a format.
///
/// A family leaves no trace before its first sample. Not thread-safe.
class FamilyWriter {
 public:
  virtual ~FamilyWriter() = default;

  /// Begins a family. REQUIRES: each name once.
  virtual void Begin(const FamilyInfo& family) = 0;
  /// When the counters and histograms written from here on began at 0, in seconds since 1970; empty
  /// when nobody knows. Who does not tell ignores it.
  virtual void BornAt(std::optional<double> seconds) = 0;
  /// One sample of a counter or gauge.
  virtual void Sample(LabelSpan labels, double value) = 0;
  /// The same for a count, exact beyond 2^53 where the format allows.
  virtual void Sample(LabelSpan labels, std::uint64_t value) = 0;
  /// One series of a histogram. REQUIRES: the family is one.
  virtual void Sample(LabelSpan labels, const Distribution& distribution) = 0;

  /// Samples written since the writer was made: a histogram series is many. Those that
  /// tell when a series began do not count, so that every format gives the same number.
  virtual std::uint64_t Samples() const = 0;
};

}  // namespace acronis::metrics
