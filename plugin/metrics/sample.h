#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace acronis::metrics {

enum class MetricType { kCounter, kGauge, kHistogram };

using Labels = std::vector<std::pair<std::string, std::string>>;

/// One number of one series, as a scrape shows it: a series of a histogram is several, `..._bucket`
/// with the label `le`, `..._sum` and `..._count`.
struct Sample {
  std::string name{};  ///< `acronis_tasks_completed_total`.
  Labels labels{};     ///< In the order of the page. Values are valid UTF-8, not escaped.
  double value = 0;

  /// Empty when it has no such label.
  std::string_view Label(std::string_view label) const {
    for (const auto& [known, text] : labels) {
      if (known == label) {
        return text;
      }
    }
    return {};
  }

  bool operator==(const Sample&) const = default;
};

/// The samples of one metric.
struct Family {
  std::string name{};  ///< As text format 0.0.4 has it: that of a counter ends in `_total`.
  MetricType type = MetricType::kGauge;
  std::vector<Sample> samples{};

  bool operator==(const Family&) const = default;
};

/// What one moment's page says, in its order. For agents that want values rather than a page.
using Families = std::vector<Family>;

/// Of the family of that name; none when the page does not have it.
inline const std::vector<Sample>& SamplesOf(const Families& page, std::string_view family) {
  static const std::vector<Sample> none;
  const auto found = std::ranges::find(page, family, &Family::name);
  return found == page.end() ? none : found->samples;
}

}  // namespace acronis::metrics
