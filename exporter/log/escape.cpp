#include "exporter/log/escape.h"

#include <Poco/UTF8Encoding.h>

namespace acronis::exporter {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// The next character of `text`: its code point and bytes; a negative code point is invalid.
struct Character {
  int code = -1;
  std::size_t bytes = 1;
};

Character Next(std::string_view text) {
  static const Poco::UTF8Encoding utf8;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  const int length = utf8.sequenceLength(bytes, 1);
  if (length < 1 || static_cast<std::size_t>(length) > text.size()) {
    return {};
  }
  const int code = utf8.queryConvert(bytes, length);
  const bool whole = Poco::UTF8Encoding::isLegal(bytes, length);
  return whole && code >= 0 ? Character{code, static_cast<std::size_t>(length)} : Character{};
}

bool IsControl(int code) {
  constexpr int kLineSeparator = 0x2028;
  constexpr int kParagraphSeparator = 0x2029;
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == kLineSeparator ||
         code == kParagraphSeparator;
}

void AppendEscape(std::string& out, int code) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (code) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto bits = static_cast<unsigned>(code);
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) {
    out += kHex[(bits >> shift) & 0xFU];
  }
}

void AppendInQuotes(std::string& out, int code, std::string_view bytes) {
  if (code < 0) {
    out += kReplacement;
    return;
  }
  if (IsControl(code)) {
    AppendEscape(out, code);
    return;
  }
  if (code == '"' || code == '\\') {
    out += '\\';
  }
  out += bytes;
}

}  // namespace

void AppendQuoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const Character next = Next(text);
    AppendInQuotes(out, next.code, text.substr(0, next.bytes));
    text.remove_prefix(next.bytes);
  }
  out += '"';
}

void AppendPrintable(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const Character next = Next(text);
    if (next.code < 0 || IsControl(next.code)) {
      out += kReplacement;
    } else {
      out += text.substr(0, next.bytes);
    }
    text.remove_prefix(next.bytes);
  }
}

}  // namespace acronis::exporter
