#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace acronis::exporter {

/// What stands behind a backslash.
enum class Escapes { kBackslashAndLineFeed, kQuotationMarkToo };

/// Appends `text`, each of those characters as a backslash and itself, a line feed as a backslash
/// and `n`.
inline void AppendEscaped(std::string& out, std::string_view text, Escapes escapes) {
  const bool quotes = escapes == Escapes::kQuotationMarkToo;
  const auto is_special = [quotes](char c) {
    return c == '\\' || c == '\n' || (quotes && c == '"');
  };
  const auto next = [&] {
    return static_cast<std::size_t>(std::ranges::find_if(text, is_special) - text.begin());
  };
  for (std::size_t at = next(); at < text.size(); at = next()) {
    out += text.substr(0, at);
    out += '\\';
    out += text[at] == '\n' ? 'n' : text[at];
    text.remove_prefix(at + 1);
  }
  out += text;
}

}  // namespace acronis::exporter
