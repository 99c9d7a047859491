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
  for (auto at = std::ranges::find_if(text, is_special); at != text.end();
       at = std::ranges::find_if(text, is_special)) {
    const auto before = static_cast<std::size_t>(at - text.begin());
    out += text.substr(0, before);
    out += '\\';
    out += *at == '\n' ? 'n' : *at;
    text.remove_prefix(before + 1);
  }
  out += text;
}

}  // namespace acronis::exporter
