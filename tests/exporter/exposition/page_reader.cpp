#include "tests/exporter/exposition/page_reader.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace acronis::exporter {
namespace {

[[noreturn]] void Refuse(const std::string& line) {
  throw std::runtime_error("bad line: " + line);
}

std::string Unescape(const std::string& text, const std::string& line) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (++i == text.size()) {
      Refuse(line);
    }
    switch (text[i]) {
      case 'n':
        out += '\n';
        break;
      case '\\':
      case '"':
        out += text[i];
        break;
      default:
        Refuse(line);
    }
  }
  return out;
}

/// Position of the quote that ends the value beginning at `from`.
std::size_t EndOfValue(const std::string& line, std::size_t from) {
  for (std::size_t i = from; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '"') {
      return i;
    }
  }
  Refuse(line);
}

ReadSample ParseSample(const std::string& line) {
  ReadSample sample;
  std::size_t at = line.find_first_of("{ ");
  if (at == std::string::npos) {
    Refuse(line);
  }
  sample.name = line.substr(0, at);
  while (line[at] != ' ') {  // At `{` or `,`, or at the closing brace.
    if (line[at] == '}') {
      ++at;
      continue;
    }
    const std::size_t equals = line.find("=\"", at);
    if (equals == std::string::npos) {
      Refuse(line);
    }
    const std::size_t end = EndOfValue(line, equals + 2);
    sample.labels.emplace_back(line.substr(at + 1, equals - at - 1),
                               Unescape(line.substr(equals + 2, end - equals - 2), line));
    at = end + 1;
  }
  sample.value = line.substr(at + 1);
  if (sample.value.empty() || sample.value.find(' ') != std::string::npos) {
    Refuse(line);
  }
  return sample;
}

using Suffixes = std::map<std::string, std::vector<std::string>>;
const Suffixes kTextSuffixes = {
    {"counter", {""}}, {"gauge", {""}}, {"histogram", {"_bucket", "_sum", "_count"}}};
const Suffixes kOpenMetricsSuffixes = {{"counter", {"_total", "_created"}},
                                       {"gauge", {""}},
                                       {"histogram", {"_bucket", "_sum", "_count", "_created"}}};

/// Appends a sample to the family it has to belong to.
void AddSample(const std::string& line, const Suffixes& suffixes,
               std::vector<ReadFamily>& families) {
  ReadSample sample = ParseSample(line);
  if (families.empty() || !suffixes.contains(families.back().type)) {
    Refuse(line);
  }
  ReadFamily& family = families.back();
  for (const std::string& suffix : suffixes.at(family.type)) {
    if (sample.name == family.name + suffix) {
      family.samples.push_back(std::move(sample));
      return;
    }
  }
  Refuse(line);
}

void ExpectUnit(const ReadFamily& family) {
  const bool seconds = family.name.ends_with("_seconds");
  const std::string unit = seconds ? "seconds" : (family.name.ends_with("_bytes") ? "bytes" : "");
  if (family.unit != unit) {
    throw std::runtime_error(family.name + " has the unit '" + family.unit + "'");
  }
}

/// `# WORD name rest` -> name and rest.
std::pair<std::string, std::string> ParseComment(const std::string& line, const std::string& word) {
  const std::string prefix = "# " + word + " ";
  const std::size_t space = line.find(' ', prefix.size());
  if (!line.starts_with(prefix) || space == std::string::npos) {
    Refuse(line);
  }
  return {line.substr(prefix.size(), space - prefix.size()), line.substr(space + 1)};
}

}  // namespace

std::string ReadSample::Label(const std::string& label) const {
  for (const auto& entry : labels) {
    if (entry.first == label) {
      return entry.second;
    }
  }
  return {};
}

std::vector<ReadFamily> ReadPage(const std::string& text) {
  if (!text.empty() && text.back() != '\n') {
    throw std::runtime_error("the last line does not end");
  }
  std::vector<ReadFamily> families;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) {
      const auto [name, help] = ParseComment(line, "HELP");
      std::string type;
      std::getline(lines, type);
      const auto [typed_name, type_name] = ParseComment(type, "TYPE");
      if (typed_name != name || (!families.empty() && families.back().samples.empty())) {
        Refuse(type);
      }
      families.push_back({name, help, type_name, {}});
      continue;
    }
    AddSample(line, kTextSuffixes, families);
  }
  return families;
}

std::vector<ReadFamily> ReadOpenMetricsPage(const std::string& text) {
  constexpr std::string_view kEnd = "# EOF\n";
  if (!text.ends_with(kEnd)) {
    throw std::runtime_error("the page does not end");
  }
  std::vector<ReadFamily> families;
  std::istringstream lines(text.substr(0, text.size() - kEnd.size()));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("# ")) {
      AddSample(line, kOpenMetricsSuffixes, families);
      continue;
    }
    const auto [name, type] = ParseComment(line, "TYPE");
    ReadFamily family{name, {}, type, {}};
    std::getline(lines, line);
    if (line.starts_with("# UNIT ")) {
      family.unit = ParseComment(line, "UNIT").second;
      std::getline(lines, line);
    }
    const auto [helped_name, help] = ParseComment(line, "HELP");
    family.help = Unescape(help, line);
    ExpectUnit(family);
    if (helped_name != name || (!families.empty() && families.back().samples.empty())) {
      Refuse(line);
    }
    families.push_back(std::move(family));
  }
  return families;
}

std::vector<std::string> SampleSet(const std::vector<ReadFamily>& families) {
  std::vector<std::string> samples;
  for (const ReadFamily& family : families) {
    for (const ReadSample& sample : family.samples) {
      std::string& text = samples.emplace_back(sample.name);
      for (const auto& [name, value] : sample.labels) {
        text.append("\n" + name + "=" + std::to_string(value.size()) + ":" + value);
      }
      text.append("\n" + sample.value);
    }
  }
  std::ranges::sort(samples);
  return samples;
}

bool HasSeries(const std::string& page, const std::string& series) {
  return ("\n" + page).find("\n" + series + " ") != std::string::npos;
}

std::string ValueOf(const std::string& page, const std::string& series) {
  const std::string text = "\n" + page;
  const std::size_t at = text.find("\n" + series + " ");
  if (at == std::string::npos) {
    throw std::runtime_error("no series " + series + " in:\n" + page);
  }
  const std::size_t begin = at + series.size() + 2;
  return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace acronis::exporter
