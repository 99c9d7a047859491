#include "exporter/exposition/openmetrics_writer.h"

#include <initializer_list>

namespace acronis::exporter {
namespace {

void AppendMetadata(std::string& out, std::string_view word, std::string_view name,
                    std::string_view text) {
  for (const std::string_view part :
       {std::string_view("# "), word, std::string_view(" "), name, std::string_view(" ")}) {
    out += part;
  }
  AppendLabelValue(out, text);  // The escapes of HELP are those of label values.
  out += '\n';
}

}  // namespace

std::string_view UnitOf(const FamilyInfo& family) {
  const std::string_view name = BaseName(family);
  for (const std::string_view unit : {"seconds", "bytes"}) {
    if (name.ends_with(unit) && name.substr(0, name.size() - unit.size()).ends_with('_')) {
      return unit;
    }
  }
  return {};
}

void OpenMetricsWriter::AppendHeader(std::string& out, const FamilyInfo& family) const {
  const std::string_view name = BaseName(family);
  AppendMetadata(out, "TYPE", name, TypeName(family.type));
  if (const std::string_view unit = UnitOf(family); !unit.empty()) {
    AppendMetadata(out, "UNIT", name, unit);
  }
  AppendMetadata(out, "HELP", name, family.help);
}

}  // namespace acronis::exporter
