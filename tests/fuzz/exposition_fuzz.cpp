#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "exporter/exposition/openmetrics_writer.h"
#include "exporter/exposition/text_writer.h"
#include "tests/exporter/exposition/page_reader.h"

namespace {

using namespace acronis::exporter;  // NOLINT(google-build-using-namespace): a program of its own.

/// Three families with one series each.
std::string Write(PageWriter& writer, const std::string& a, const std::string& b) {
  const std::array<Label, 2> labels{{{"a", a}, {"b", b}}};
  const std::array<double, 1> bounds{0.5};
  const std::array<std::uint64_t, 2> cumulative{1, 3};
  writer.Begin({"jobs_total", MetricType::kCounter, "Jobs."});
  writer.Sample(labels, std::uint64_t{7});
  writer.Begin({"size_bytes", MetricType::kGauge, "Size."});
  writer.Sample(labels, 0.25);
  writer.Begin({"wait_seconds", MetricType::kHistogram, "Wait."});
  writer.Sample(labels, Distribution{bounds, cumulative, 2});
  return writer.Finish().text + std::string(writer.EndOfPage());
}

}  // namespace

/// Two label values, parted by the first zero byte: written in both formats and read back, they and
/// the rest of the page are what they were.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  const std::string a = input.substr(0, input.find('\0'));
  const std::string b = a.size() < size ? input.substr(a.size() + 1) : "";
  TextWriter text;
  OpenMetricsWriter open;
  const auto families = ReadPage(Write(text, a, b));
  const auto open_families = ReadOpenMetricsPage(Write(open, a, b));
  if (families.size() != 3 || SampleSet(families) != SampleSet(open_families)) {
    std::abort();
  }
  for (const ReadFamily& family : families) {
    for (const ReadSample& sample : family.samples) {
      if (sample.Label("a") != a || sample.Label("b") != b) {
        std::abort();
      }
    }
  }
  return 0;
}
