#include "plugin/simulator/text_format.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>

#include "plugin/core/clock.h"
#include "plugin/simulator/dice.h"

namespace acronis::simulator {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void AppendEscape(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    default:
      out += "\\u00";
      out += kHexDigits[byte >> 4U];
      out += kHexDigits[byte & 15U];
  }
}

bool NeedsEscape(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

void WriteDigits(char* to, std::int64_t value, int digits) {
  constexpr int kBase = 10;
  for (int at = digits - 1; at >= 0; --at) {
    to[at] = static_cast<char>('0' + value % kBase);
    value /= kBase;
  }
}

char TransformToLower(unsigned char c) {
  return static_cast<char>(std::tolower(c));
}

char TransformToUpper(unsigned char c) {
  return static_cast<char>(std::toupper(c));
}

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto* const special = std::find_if(text.begin(), text.end(), NeedsEscape);
    const auto plain = static_cast<std::size_t>(special - text.begin());
    out += text.substr(0, plain);
    if (plain < text.size()) {
      AppendEscape(out, text[plain]);
    }
    text.remove_prefix(std::min(plain + 1, text.size()));
  }
  out += '"';
}

std::string JsonString(std::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

void AppendUuid(std::string& out, std::uint64_t seed) {
  std::array<char, 36> text{};
  std::uint64_t bits = Mix(seed);
  std::size_t nibble = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at == 8 || at == 13 || at == 18 || at == 23) {
      text[at] = '-';
      continue;
    }
    if (nibble == 16) {
      bits = Mix(bits ^ seed);
      nibble = 0;
    }
    text[at] = kHexDigits[(bits >> (4 * nibble)) & 15U];
    ++nibble;
  }
  text[14] = '4';
  text[19] = "89ab"[bits >> 62U];
  out.append(text.data(), text.size());
}

std::string FormatTime(std::int64_t nanoseconds) {
  const TimePoint time{std::chrono::nanoseconds(nanoseconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string text = "0000-00-00T00:00:00.000000000";
  WriteDigits(text.data(), int{date.year()}, 4);
  WriteDigits(&text[5], unsigned{date.month()}, 2);
  WriteDigits(&text[8], unsigned{date.day()}, 2);
  WriteDigits(&text[11], clock.hours().count(), 2);
  WriteDigits(&text[14], clock.minutes().count(), 2);
  WriteDigits(&text[17], clock.seconds().count(), 2);
  WriteDigits(&text[20], clock.subseconds().count(), 9);
  // A whole second keeps no fraction, and no point either.
  text.resize(text.find_last_not_of('0') + 1);
  constexpr std::size_t kWholeSeconds = 19;
  text.resize(text.size() <= kWholeSeconds + 1 ? kWholeSeconds : text.size(), '0');
  return text + 'Z';
}

std::string Uuid(std::uint64_t seed) {
  std::string out;
  AppendUuid(out, seed);
  return out;
}

std::string EncodeBase64(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const auto byte = i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U;
      group = (group << 8U) | byte;
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += i <= count ? kBase64Alphabet[(group >> (18 - 6 * i)) & 63U] : '=';
    }
  }
  return out;
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) {
    return std::nullopt;
  }
  const std::size_t padding = text.ends_with("==") ? 2 : (text.ends_with('=') ? 1 : 0);
  std::string out;
  std::uint32_t bits = 0;
  unsigned pending = 0;
  for (const char c : text.substr(0, text.size() - padding)) {
    const std::size_t value = kBase64Alphabet.find(c);
    if (value == std::string_view::npos) {
      return std::nullopt;
    }
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    pending += 6;
    if (pending >= 8) {
      pending -= 8;
      out += static_cast<char>((bits >> pending) & 0xffU);
    }
  }
  return out;
}

std::string EncodeBase64Url(std::string_view bytes) {
  std::string out = EncodeBase64(bytes);
  out.erase(std::find(out.begin(), out.end(), '='), out.end());
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

std::string ToLower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), TransformToLower);
  return out;
}

std::string ToUpper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), TransformToUpper);
  return out;
}

}  // namespace acronis::simulator
