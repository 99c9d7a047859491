#include "plugin/agents/formats/names.h"

#include <algorithm>

#include <Poco/String.h>

#include "plugin/core/fingerprint.h"

namespace acronis::agents {
namespace {

constexpr unsigned char kFirstPrintable = 0x20;
constexpr unsigned char kDelete = 0x7f;
constexpr std::size_t kMarkBytes = 9;

/// `~` and half of the fingerprint.
std::string Mark(std::string_view text) {
  return "~" + Fingerprint(text).substr(0, kMarkBytes - 1);
}

/// At most `most`, and not inside a character of UTF-8.
std::size_t Boundary(std::string_view text, std::size_t most) {
  constexpr unsigned char kContinuationMask = 0xC0;
  constexpr unsigned char kContinuation = 0x80;
  if (text.size() <= most) {
    return text.size();
  }
  while (most > 0 &&
         (static_cast<unsigned char>(text[most]) & kContinuationMask) == kContinuation) {
    --most;
  }
  return most;
}

}  // namespace

std::string WithoutControls(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < kFirstPrintable) {
      clean += "\xE2\x90";  // U+2400 and on are E2 90 80 and on.
      clean += static_cast<char>(0x80 + byte);
    } else if (byte == kDelete) {
      clean += "\xE2\x90\xA1";  // U+2421.
    } else {
      clean += c;
    }
  }
  return clean;
}

std::string WithoutEscapes(std::string_view text) {
  return Poco::replace(WithoutControls(text), "\\", "\xEF\xBC\xBC");
}

std::string PlainName(std::string_view text, IsPlain is_plain, std::size_t most_bytes) {
  std::string name(text);
  for (char& c : name) {
    c = is_plain(static_cast<unsigned char>(c)) ? c : '_';
  }
  if (name.size() <= most_bytes && name == text) {
    return name;
  }
  name.resize(Boundary(name, most_bytes - kMarkBytes));
  return name + Mark(text);
}

}  // namespace acronis::agents
