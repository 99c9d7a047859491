#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "exporter/exposition/line_writer.h"
#include "exporter/exposition/text_reader.h"

namespace {

using acronis::exporter::ReadTextPage;
using acronis::metrics::Families;
using acronis::metrics::MetricType;
using acronis::metrics::Sample;

void Require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

std::string_view Word(MetricType type) {
  if (type == MetricType::kHistogram) {
    return "histogram";
  }
  return type == MetricType::kCounter ? "counter" : "gauge";
}

std::string Spelled(const Sample& sample) {
  std::string line = sample.name;
  char before = '{';
  for (const auto& [name, value] : sample.labels) {
    line += before + name + "=\"";
    acronis::exporter::AppendLabelValue(line, value);
    line += '"';
    before = ',';
  }
  line += sample.labels.empty() ? " " : "} ";
  acronis::exporter::AppendNumber(line, sample.value);
  return line + "\n";
}

std::string Spelled(const Families& families) {
  std::string page;
  for (const auto& family : families) {
    page += "# TYPE " + family.name + " " + std::string(Word(family.type)) + "\n";
    for (const Sample& sample : family.samples) {
      page += Spelled(sample);
    }
  }
  return page;
}

}  // namespace

/// What was accepted says the same when it is spelled anew; what was not is refused with its line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto page = ReadTextPage(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!page) {
    Require(page.error().message.starts_with("line "));
    return 0;
  }
  const std::string spelled = Spelled(*page);
  const auto again = ReadTextPage(spelled);
  Require(again && Spelled(*again) == spelled);
  return 0;
}
