#include "tests/exporter/exposition/page_reader.h"

#include <sstream>
#include <stdexcept>

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

bool Belongs(const ReadSample& sample, const ReadFamily& family) {
  if (family.type != "histogram") {
    return sample.name == family.name;
  }
  return sample.name == family.name + "_bucket" || sample.name == family.name + "_sum" ||
         sample.name == family.name + "_count";
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
    ReadSample sample = ParseSample(line);
    if (families.empty() || !Belongs(sample, families.back())) {
      Refuse(line);
    }
    families.back().samples.push_back(std::move(sample));
  }
  return families;
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
