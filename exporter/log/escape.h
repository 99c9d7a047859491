#pragma once

#include <string>
#include <string_view>

namespace acronis::exporter {

/// Appends `text` between double quotes, so that it is a JSON string and one line on a terminal:
/// quotes, backslashes, C0 and C1 control characters, DEL and the line separators are escaped,
/// invalid UTF-8 becomes U+FFFD, everything else stays readable.
void AppendQuoted(std::string& out, std::string_view text);

/// Appends `text` for a terminal, unquoted: every character that AppendQuoted() would escape
/// because it controls something becomes U+FFFD.
void AppendPrintable(std::string& out, std::string_view text);

}  // namespace acronis::exporter
