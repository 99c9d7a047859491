#include "exporter/exposition/text_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace acronis::exporter {
namespace {

constexpr double kLargestExactInteger = 9007199254740992.0;  // 2^53
constexpr std::size_t kNumberSpace = 32;  // The longest shortest double has 24 characters.

template <typename Number, typename... Format>
void AppendChars(std::string& out, Number number, Format... format) {
  std::array<char, kNumberSpace> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format...).ptr;
  out.append(buffer.data(), end);
}

/// True when `value` was one of the three that have no digits.
bool AppendSpecial(std::string& out, double value) {
  if (std::isfinite(value)) {
    return false;
  }
  out += std::isnan(value) ? "NaN" : (value > 0 ? "+Inf" : "-Inf");
  return true;
}

bool IsExactInteger(double value) {
  return std::abs(value) <= kLargestExactInteger && value == std::trunc(value) &&
         !(value == 0 && std::signbit(value));
}

/// Appends `text` with every character of `special` replaced by a backslash and its letter.
void AppendEscaped(std::string& out, std::string_view text, std::string_view special) {
  for (std::size_t at = text.find_first_of(special); at != std::string_view::npos;
       at = text.find_first_of(special)) {
    out += text.substr(0, at);
    out += '\\';
    out += text[at] == '\n' ? 'n' : text[at];
    text.remove_prefix(at + 1);
  }
  out += text;
}

std::string_view TypeName(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return "counter";
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kHistogram:
      return "histogram";
  }
  return "untyped";
}

void AppendLabel(std::string& out, std::string_view name, std::string_view value) {
  out += out.back() == '{' ? "" : ",";
  out += name;
  out += "=\"";
  AppendLabelValue(out, value);
  out += '"';
}

}  // namespace

void AppendNumber(std::string& out, double value) {
  if (AppendSpecial(out, value)) {
    return;
  }
  if (IsExactInteger(value)) {
    AppendChars(out, static_cast<std::int64_t>(value));
  } else {
    AppendChars(out, value);
  }
}

void AppendBound(std::string& out, double bound) {
  if (AppendSpecial(out, bound)) {
    return;
  }
  const std::size_t begin = out.size();
  AppendChars(out, bound, std::chars_format::general);
  if (out.find_first_of(".e", begin) == std::string::npos) {
    out += ".0";
  }
}

void AppendLabelValue(std::string& out, std::string_view value) {
  AppendEscaped(out, value, "\\\"\n");
}

void AppendHelp(std::string& out, std::string_view help) {
  AppendEscaped(out, help, "\\\n");
}

void TextWriter::Begin(const FamilyInfo& family) {
  family_ = family;
  open_ = false;
}

void TextWriter::Sample(LabelSpan labels, double value) {
  StartLine("", labels);
  AppendNumber(part_.text, value);
  EndLine();
}

void TextWriter::Sample(LabelSpan labels, std::uint64_t value) {
  StartLine("", labels);
  AppendChars(part_.text, value);
  EndLine();
}

void TextWriter::Sample(LabelSpan labels, const Distribution& distribution) {
  std::string bound;
  for (std::size_t i = 0; i < distribution.bounds.size(); ++i) {
    bound.clear();
    AppendBound(bound, distribution.bounds[i]);
    Bucket(labels, bound, distribution.cumulative[i]);
  }
  const std::uint64_t count = distribution.cumulative.back();
  Bucket(labels, "+Inf", count);
  StartLine("_sum", labels);
  AppendNumber(part_.text, distribution.sum);
  EndLine();
  StartLine("_count", labels);
  AppendChars(part_.text, count);
  EndLine();
}

PagePart TextWriter::Finish() {
  open_ = false;
  std::ranges::sort(part_.families, {}, &PagePart::Family::name);
  return std::exchange(part_, {});
}

void TextWriter::OpenFamily() {
  std::string& out = part_.text;
  part_.families.push_back({std::string(family_.name), out.size(), 0});
  out += "# HELP ";
  out += family_.name;
  out += ' ';
  AppendHelp(out, family_.help);
  out += "\n# TYPE ";
  out += family_.name;
  out += ' ';
  out += TypeName(family_.type);
  out += '\n';
  open_ = true;
}

void TextWriter::StartLine(std::string_view suffix, LabelSpan labels) {
  if (!open_) {
    OpenFamily();
  }
  std::string& out = part_.text;
  out += family_.name;
  out += suffix;
  if (!labels.empty()) {
    out += '{';
    for (const Label& label : labels) {
      AppendLabel(out, label.name, label.value);
    }
    out += '}';
  }
  out += ' ';
}

void TextWriter::EndLine() {
  part_.text += '\n';
  PagePart::Family& family = part_.families.back();
  family.size = part_.text.size() - family.begin;
  ++samples_;
}

void TextWriter::Bucket(LabelSpan labels, std::string_view bound, std::uint64_t count) {
  std::vector<Label> with_bound(labels.begin(), labels.end());
  with_bound.push_back({"le", bound});
  StartLine("_bucket", with_bound);
  AppendChars(part_.text, count);
  EndLine();
}

}  // namespace acronis::exporter
