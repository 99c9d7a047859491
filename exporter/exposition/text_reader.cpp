#include "exporter/exposition/text_reader.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "plugin/core/utf8.h"

namespace acronis::exporter {
namespace {

using metrics::Family;
using metrics::Labels;
using metrics::Sample;
using MetricKind = metrics::MetricType;

Error Wrong(std::string what) {
  return {ErrorKind::kInvalidResponse, std::move(what)};
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8Beginning beginning = BeginningOf(text);
    if (!beginning.valid) {
      return false;
    }
    text.remove_prefix(beginning.length);
  }
  return true;
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' || IsDigit(c);
}

/// Takes a name off the front of `rest`; empty if it begins with none.
std::string_view TakeName(std::string_view& rest) {
  const auto* const end = std::ranges::find_if_not(rest, IsNameCharacter);
  const std::string_view name = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  if (name.empty() || IsDigit(name.front())) {
    return {};
  }
  rest.remove_prefix(name.size());
  return name;
}

bool TakePrefix(std::string_view& rest, std::string_view prefix) {
  if (!rest.starts_with(prefix)) {
    return false;
  }
  rest.remove_prefix(prefix.size());
  return true;
}

/// Digits and what belongs to them, or one of the three that have none; no other spelling.
std::optional<double> ParseNumber(std::string_view text) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (text == "NaN") {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (text == "+Inf" || text == "-Inf") {
    return text.front() == '+' ? kInfinity : -kInfinity;
  }
  if (text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) {
    return std::nullopt;
  }
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

std::optional<MetricKind> ParseType(std::string_view word) {
  if (word == "counter") {
    return MetricKind::kCounter;
  }
  if (word == "gauge") {
    return MetricKind::kGauge;
  }
  return word == "histogram" ? std::optional(MetricKind::kHistogram) : std::nullopt;
}

/// Takes a byte of a label value off the front of `rest`, two for one that is escaped. Empty if
/// there is no such escape. REQUIRES: `rest` is not empty.
std::optional<char> TakeByte(std::string_view& rest) {
  if (!TakePrefix(rest, "\\")) {
    const char plain = rest.front();
    rest.remove_prefix(1);
    return plain;
  }
  for (const auto& [letter, meant] : {std::pair{"\\", '\\'}, {"\"", '"'}, {"n", '\n'}}) {
    if (TakePrefix(rest, letter)) {
      return meant;
    }
  }
  return std::nullopt;
}

/// Takes a label value off the front of `rest`, from behind its first to its last quotation mark.
Result<std::string> TakeLabelValue(std::string_view& rest) {
  std::string value;
  while (!rest.empty() && rest.front() != '"') {
    const std::optional<char> byte = TakeByte(rest);
    if (!byte) {
      return Wrong(R"(a backslash in a label value may stand before \, " and n only)");
    }
    value += *byte;
  }
  if (!TakePrefix(rest, "\"")) {
    return Wrong("a label value without its closing quotation mark");
  }
  return value;
}

Status TakeLabel(std::string_view& rest, Labels& labels) {
  const std::string_view name = TakeName(rest);
  if (name.empty() || name.find(':') != std::string_view::npos || !TakePrefix(rest, "=\"")) {
    return Wrong("a label must be name=\"value\"");
  }
  if (std::ranges::find(labels, name, &Labels::value_type::first) != labels.end()) {
    return Wrong("a label that is there twice");
  }
  Result<std::string> value = TakeLabelValue(rest);
  if (!value) {
    return std::move(value).error();
  }
  labels.emplace_back(name, std::move(value).value());
  return Ok{};
}

/// Takes `{a="b",c="d"}`, if `rest` begins with it.
Result<Labels> TakeLabels(std::string_view& rest) {
  Labels labels;
  if (!TakePrefix(rest, "{")) {
    return labels;
  }
  do {
    if (Status taken = TakeLabel(rest, labels); !taken) {
      return std::move(taken).error();
    }
  } while (TakePrefix(rest, ","));
  if (!TakePrefix(rest, "}")) {
    return Wrong("labels must be parted by , and end with }");
  }
  return labels;
}

/// `name{labels} value`.
Result<Sample> ParseSample(std::string_view line) {
  Sample sample;
  sample.name = TakeName(line);
  if (sample.name.empty()) {
    return Wrong("neither a comment nor a sample");
  }
  Result<Labels> labels = TakeLabels(line);
  if (!labels) {
    return std::move(labels).error();
  }
  sample.labels = std::move(labels).value();
  if (!TakePrefix(line, " ")) {
    return Wrong("no space between a series and its value");
  }
  const std::optional<double> value = ParseNumber(line);
  if (!value) {
    return Wrong("a value must be a number, +Inf, -Inf or NaN, and nothing may follow it");
  }
  sample.value = *value;
  return sample;
}

bool BelongsTo(const Family& family, const Sample& sample) {
  std::string_view suffix = sample.name;
  if (!TakePrefix(suffix, family.name)) {
    return false;
  }
  if (family.type != MetricKind::kHistogram) {
    return suffix.empty();
  }
  return suffix == "_sum" || suffix == "_count" ||
         (suffix == "_bucket" && ParseNumber(sample.Label("le")));
}

class PageReader {
 public:
  /// A line without its line feed.
  Status Read(std::string_view line) {
    if (!IsUtf8(line)) {
      return Wrong("not valid UTF-8");
    }
    if (line.starts_with('#')) {
      return ReadComment(line);
    }
    return ReadSample(line);
  }

  metrics::Families Take() { return std::move(families_); }

 private:
  Status ReadComment(std::string_view line) {
    if (TakePrefix(line, "# HELP ")) {
      const bool complete = !TakeName(line).empty() && line.starts_with(' ');
      return complete ? Status(Ok{}) : Wrong("# HELP must be followed by a name and a text");
    }
    if (!TakePrefix(line, "# TYPE ")) {
      return Wrong("a comment other than # HELP and # TYPE");
    }
    const std::string name(TakeName(line));
    if (name.empty() || !TakePrefix(line, " ")) {
      return Wrong("# TYPE must be followed by a name and a type");
    }
    return BeginFamily(name, line);
  }

  Status BeginFamily(const std::string& name, std::string_view word) {
    const std::optional<MetricKind> type = ParseType(word);
    if (!type) {
      return Wrong("a type other than counter, gauge and histogram");
    }
    if (!names_.insert(name).second) {
      return Wrong("a second # TYPE of the same metric");
    }
    families_.push_back({name, *type, {}});
    return Ok{};
  }

  Status ReadSample(std::string_view line) {
    Result<Sample> sample = ParseSample(line);
    if (!sample) {
      return std::move(sample).error();
    }
    if (families_.empty() || !BelongsTo(families_.back(), *sample)) {
      return Wrong("a sample that does not belong to the # TYPE before it");
    }
    families_.back().samples.push_back(std::move(sample).value());
    return Ok{};
  }

  metrics::Families families_;
  std::set<std::string> names_;
};

}  // namespace

Result<metrics::Families> ReadTextPage(std::string_view page) {
  PageReader reader;
  for (std::size_t number = 1; !page.empty(); ++number) {
    const std::size_t end = page.find('\n');
    Status read = end == std::string_view::npos ? Wrong("cut short: no line feed at its end")
                                                : reader.Read(page.substr(0, end));
    if (!read) {
      return Wrong("line " + std::to_string(number) + ": " + read.error().message);
    }
    page.remove_prefix(end + 1);
  }
  return reader.Take();
}

}  // namespace acronis::exporter
