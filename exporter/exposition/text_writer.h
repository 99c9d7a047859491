#pragma once

#include <string>
#include <string_view>

#include "exporter/exposition/line_writer.h"

namespace acronis::exporter {

/// Appends a HELP text: `\` and line feeds escaped.
void AppendHelp(std::string& out, std::string_view help);

/// The Prometheus text format 0.0.4, which is one of 1.0.0 too: no name needs quotes.
class TextWriter final : public LineWriter {
 public:
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  TextWriter() : LineWriter(false) {}
  std::string_view EndOfPage() const override { return {}; }

 private:
  std::string_view ListedName(const FamilyInfo& family) const override { return family.name; }
  void AppendHeader(std::string& out, const FamilyInfo& family) const override;
};

}  // namespace acronis::exporter
