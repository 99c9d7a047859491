#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace acronis::exporter {

enum class MetricType { kCounter, kGauge, kHistogram };

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

/// Writes families in one exposition format. What a page holds and in which
/// order is decided by the callers; how it is spelled, here.
///
/// A family leaves no trace before its first sample. Series are written in the
/// order of the calls, families are sorted by Finish(). Not thread-safe.
class FamilyWriter {
 public:
  virtual ~FamilyWriter() = default;

  /// Makes room for so many bytes, if the caller knows.
  virtual void Reserve(std::size_t bytes) = 0;
  /// Begins a family. REQUIRES: each name once.
  virtual void Begin(const FamilyInfo& family) = 0;
  /// When the counters and histograms written from here on began at 0, in seconds since 1970; empty
  /// when nobody knows. Formats that do not tell ignore it.
  virtual void BornAt(std::optional<double> seconds) = 0;
  /// One sample of a counter or gauge.
  virtual void Sample(LabelSpan labels, double value) = 0;
  /// The same for a count, exact beyond 2^53.
  virtual void Sample(LabelSpan labels, std::uint64_t value) = 0;
  /// One series of a histogram. REQUIRES: the family is one.
  virtual void Sample(LabelSpan labels, const Distribution& distribution) = 0;

  /// Samples written since the writer was made: lines, so a histogram series has many. Those that
  /// tell when a series began do not count, so that every format gives the same number.
  virtual std::uint64_t Samples() const = 0;
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
