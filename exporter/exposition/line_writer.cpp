#include "exporter/exposition/line_writer.h"

#include <algorithm>
#include <utility>

#include "exporter/exposition/escape.h"

namespace acronis::exporter {
namespace {

constexpr std::string_view kTotal = "_total";

}  // namespace

void AppendLabelValue(std::string& out, std::string_view value) {
  AppendEscaped(out, value, Escapes::kQuotationMarkToo);
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
  return {};
}

std::string_view BaseName(const FamilyInfo& family) {
  std::string_view name = family.name;
  if (family.type == MetricType::kCounter && name.ends_with(kTotal)) {
    name.remove_suffix(kTotal.size());
  }
  return name;
}

void LineWriter::Begin(const FamilyInfo& family) {
  family_ = family;
  open_ = false;
}

void LineWriter::Sample(LabelSpan labels, double value) {
  StartSeries(labels);
  StartLine(family_.name, "");
  AppendNumber(part_.text, value);
  EndSample();
  Created();
}

void LineWriter::Sample(LabelSpan labels, std::uint64_t value) {
  StartSeries(labels);
  StartLine(family_.name, "");
  AppendNumber(part_.text, value);
  EndSample();
  Created();
}

void LineWriter::Sample(LabelSpan labels, const Distribution& distribution) {
  StartSeries(labels);
  Buckets(distribution);
  StartLine(family_.name, "_sum");
  AppendNumber(part_.text, distribution.sum);
  EndSample();
  StartLine(family_.name, "_count");
  AppendNumber(part_.text, distribution.cumulative.back());
  EndSample();
  Created();
}

PagePart LineWriter::Finish() {
  open_ = false;
  std::ranges::sort(part_.families, {}, &PagePart::Family::name);
  return std::exchange(part_, {});
}

void LineWriter::StartSeries(LabelSpan labels) {
  if (!open_) {
    part_.families.push_back(
        {std::string(ListedName(family_)), family_.type, part_.text.size(), 0, 0});
    AppendHeader(part_.text, family_);
    PagePart::Family& family = part_.families.back();
    family.head = part_.text.size() - family.begin;
    open_ = true;
  }
  labels_.clear();
  for (const Label& label : labels) {
    labels_ += labels_.empty() ? "" : ",";
    labels_ += label.name;
    labels_ += "=\"";
    AppendLabelValue(labels_, label.value);
    labels_ += '"';
  }
}

void LineWriter::StartLine(std::string_view name, std::string_view suffix) {
  std::string& out = part_.text;
  out += name;
  out += suffix;
  if (!labels_.empty()) {
    out += '{';
    out += labels_;
    out += '}';
  }
  out += ' ';
}

void LineWriter::EndLine() {
  part_.text += '\n';
  PagePart::Family& family = part_.families.back();
  family.size = part_.text.size() - family.begin;
}

void LineWriter::EndSample() {
  EndLine();
  ++samples_;
}

void LineWriter::Buckets(const Distribution& distribution) {
  std::string head(family_.name);
  head += "_bucket{";
  head += labels_;
  head += labels_.empty() ? "le=\"" : ",le=\"";
  const std::vector<std::string>& bounds = Spelled(distribution.bounds);
  for (std::size_t i = 0; i < distribution.cumulative.size(); ++i) {
    part_.text += head;
    part_.text += i < bounds.size() ? std::string_view(bounds[i]) : "+Inf";
    part_.text += "\"} ";
    AppendNumber(part_.text, distribution.cumulative[i]);
    EndSample();
  }
}

void LineWriter::Created() {
  if (created_ && born_at_ && family_.type != MetricType::kGauge) {
    StartLine(BaseName(family_), "_created");
    AppendNumber(part_.text, *born_at_);
    EndLine();
  }
}

const std::vector<std::string>& LineWriter::Spelled(std::span<const double> bounds) {
  if (!std::ranges::equal(bounds_, bounds)) {
    bounds_.assign(bounds.begin(), bounds.end());
    spelled_bounds_.clear();
    for (const double bound : bounds) {
      AppendBound(spelled_bounds_.emplace_back(), bound);
    }
  }
  return spelled_bounds_;
}

}  // namespace acronis::exporter
