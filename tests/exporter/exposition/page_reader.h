#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace acronis::exporter {

struct ReadSample {
  std::string name;
  std::vector<std::pair<std::string, std::string>> labels;  ///< As written, unescaped.
  std::string value;

  /// Empty if there is no such label.
  std::string Label(const std::string& label) const;
};

struct ReadFamily {
  std::string name;
  std::string help;
  std::string type;
  std::vector<ReadSample> samples;
  std::string unit{};  ///< OpenMetrics only.
};

/// Reads a page in text format 0.0.4, strictly: HELP, TYPE, then at least one sample per family,
/// and nothing else. Throws std::runtime_error with the line that is wrong.
std::vector<ReadFamily> ReadPage(const std::string& text);
/// The same for OpenMetrics 1.0.0: TYPE, UNIT if the name ends in one, HELP, samples; `# EOF`.
std::vector<ReadFamily> ReadOpenMetricsPage(const std::string& text);

/// The samples alone, one text each, sorted: equal for pages that show the same.
std::vector<std::string> SampleSet(const std::vector<ReadFamily>& families);

/// The value of the sample whose line begins with `series` (`name{labels}`); throws without one.
std::string ValueOf(const std::string& page, const std::string& series);
bool HasSeries(const std::string& page, const std::string& series);

}  // namespace acronis::exporter
