#include "plugin/metrics/sample_list.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "plugin/metrics/number.h"

namespace acronis::metrics {
namespace {

Labels Copy(LabelSpan labels) {
  Labels copy;
  copy.reserve(labels.size() + 1);  // A bucket has one more.
  for (const Label& label : labels) {
    copy.emplace_back(label.name, label.value);
  }
  return copy;
}

Labels WithBound(Labels labels, double bound) {
  std::string text;
  AppendBound(text, bound);
  labels.emplace_back("le", std::move(text));
  return labels;
}

}  // namespace

void SampleList::Begin(const FamilyInfo& family) {
  family_ = family;
  open_ = false;
}

void SampleList::Sample(LabelSpan labels, double value) {
  Add("", Copy(labels), value);
}

void SampleList::Sample(LabelSpan labels, std::uint64_t value) {
  Add("", Copy(labels), static_cast<double>(value));
}

void SampleList::Sample(LabelSpan labels, const Distribution& distribution) {
  const Labels series = Copy(labels);
  const std::size_t bounds = distribution.bounds.size();
  for (std::size_t i = 0; i <= bounds; ++i) {
    const double bound =
        i < bounds ? distribution.bounds[i] : std::numeric_limits<double>::infinity();
    Add("_bucket", WithBound(series, bound), static_cast<double>(distribution.cumulative[i]));
  }
  Add("_sum", series, distribution.sum);
  Add("_count", series, static_cast<double>(distribution.cumulative[bounds]));
}

Families SampleList::Take() {
  std::ranges::sort(families_, {}, &Family::name);
  samples_ = 0;
  open_ = false;
  return std::exchange(families_, {});
}

void SampleList::Add(std::string_view suffix, Labels labels, double value) {
  if (!open_) {
    families_.push_back({.name = std::string(family_.name), .type = family_.type});
    open_ = true;
  }
  families_.back().samples.push_back({.name = std::string(family_.name) + std::string(suffix),
                                      .labels = std::move(labels),
                                      .value = value});
  ++samples_;
}

}  // namespace acronis::metrics
