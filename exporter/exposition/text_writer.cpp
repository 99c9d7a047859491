#include "exporter/exposition/text_writer.h"

#include "exporter/exposition/escape.h"

namespace acronis::exporter {

void AppendHelp(std::string& out, std::string_view help) {
  AppendEscaped(out, help, Escapes::kBackslashAndLineFeed);
}

void TextWriter::AppendHeader(std::string& out, const FamilyInfo& family) const {
  out += "# HELP ";
  out += family.name;
  out += ' ';
  AppendHelp(out, family.help);
  out += "\n# TYPE ";
  out += family.name;
  out += ' ';
  out += TypeName(family.type);
  out += '\n';
}

}  // namespace acronis::exporter
