#include "exporter/exposition/registry_writer.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include <prometheus/client_metric.h>
#include <prometheus/metric_type.h>

namespace acronis::exporter {
namespace {

bool ByLabelValues(const prometheus::ClientMetric& a, const prometheus::ClientMetric& b) {
  return std::ranges::lexicographical_compare(a.label, b.label, {},
                                              &prometheus::ClientMetric::Label::value,
                                              &prometheus::ClientMetric::Label::value);
}

void WriteHistogram(LabelSpan labels, const prometheus::ClientMetric::Histogram& histogram,
                    FamilyWriter& writer) {
  std::vector<double> bounds;
  std::vector<std::uint64_t> cumulative;
  for (const auto& bucket : histogram.bucket) {
    bounds.push_back(bucket.upper_bound);
    cumulative.push_back(bucket.cumulative_count);
  }
  bounds.pop_back();  // +Inf, always the last one.
  writer.Sample(labels, Distribution{bounds, cumulative, histogram.sample_sum});
}

void WriteMetric(prometheus::MetricType type, const prometheus::ClientMetric& metric,
                 FamilyWriter& writer) {
  std::vector<Label> labels;
  labels.reserve(metric.label.size());
  for (const auto& label : metric.label) {
    labels.push_back({label.name, label.value});
  }
  if (type == prometheus::MetricType::Counter) {
    writer.Sample(labels, metric.counter.value);
  } else if (type == prometheus::MetricType::Gauge) {
    writer.Sample(labels, metric.gauge.value);
  } else {
    WriteHistogram(labels, metric.histogram, writer);
  }
}

MetricType TypeOf(prometheus::MetricType type) {
  if (type == prometheus::MetricType::Counter) {
    return MetricType::kCounter;
  }
  return type == prometheus::MetricType::Gauge ? MetricType::kGauge : MetricType::kHistogram;
}

}  // namespace

void WriteFamilies(std::vector<prometheus::MetricFamily> families, FamilyWriter& writer) {
  for (prometheus::MetricFamily& family : families) {
    std::ranges::sort(family.metric, ByLabelValues);
    writer.Begin({family.name, TypeOf(family.type), family.help});
    for (const auto& metric : family.metric) {
      WriteMetric(family.type, metric, writer);
    }
  }
}

}  // namespace acronis::exporter
