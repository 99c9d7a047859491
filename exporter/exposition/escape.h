#pragma once

#include <string>
#include <string_view>

namespace acronis::exporter {

/// Appends `text`, each character of `special` as a backslash and itself, a line feed among them as
/// a backslash and `n`.
inline void AppendEscaped(std::string& out, std::string_view text, std::string_view special) {
  for (std::size_t at = text.find_first_of(special); at != std::string_view::npos;
       at = text.find_first_of(special)) {
    out += text.substr(0, at);
    out += '\\';
    out += text[at] == '\n' ? 'n' : text[at];
    text.remove_prefix(at + 1);
  }
  out += text;
}

}  // namespace acronis::exporter
