#include "plugin/agents/formats/line_protocol.h"

#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include "plugin/agents/formats/names.h"
#include "plugin/metrics/number.h"

namespace acronis::agents {
namespace {

/// The longest that fits comes first.
constexpr std::array<std::string_view, 5> kMeasurements = {"acronis_exporter", "acronis_tasks",
                                                           "acronis_task", "acronis", "process"};

std::pair<std::string_view, std::string_view> Split(std::string_view name) {
  for (const std::string_view measurement : kMeasurements) {
    if (name.starts_with(measurement) && name.size() > measurement.size() + 1 &&
        name[measurement.size()] == '_') {
      return {measurement, name.substr(measurement.size() + 1)};
    }
  }
  return {name, "value"};
}

void AppendTag(std::string& out, std::string_view name, std::string_view value) {
  out += ',';
  out += name;
  out += '=';
  for (const char c : WithoutEscapes(value)) {
    if (c == ' ' || c == ',' || c == '=') {
      out += '\\';
    }
    out += c;
  }
}

/// Measurement and tags.
std::string KeyOf(std::string_view measurement, const metrics::Labels& labels) {
  std::string key(measurement);
  const std::map<std::string_view, std::string_view> sorted(labels.begin(), labels.end());
  for (const auto& [name, value] : sorted) {
    if (!value.empty()) {
      AppendTag(key, name, value);
    }
  }
  return key;
}

/// Fields by key.
using Lines = std::map<std::string, std::string>;

void AddSample(const metrics::Sample& sample, Lines& lines) {
  if (!std::isfinite(sample.value)) {
    return;
  }
  const auto [measurement, field] = Split(sample.name);
  std::string& fields = lines[KeyOf(measurement, sample.labels)];
  fields += fields.empty() ? "" : ",";
  fields += field;
  fields += '=';
  metrics::AppendNumber(fields, sample.value);
}

}  // namespace

std::string LineProtocol(const metrics::Families& page, TimePoint at) {
  Lines lines;
  for (const metrics::Family& family : page) {
    for (const metrics::Sample& sample : family.samples) {
      AddSample(sample, lines);
    }
  }
  const std::string end = " " + std::to_string(at.time_since_epoch().count()) + "\n";
  std::string text;
  for (const auto& [key, fields] : lines) {
    text += key;
    text += ' ';
    text += fields;
    text += end;
  }
  return text;
}

}  // namespace acronis::agents
