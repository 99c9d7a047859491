#include "plugin/core/utf8.h"

namespace acronis {
namespace {

/// The bytes that may follow, inclusive.
struct Range {
  unsigned char first = 0x80U;
  unsigned char last = 0xBFU;
};

/// How many bytes follow `lead`; empty if it begins no character.
std::optional<std::size_t> Following(unsigned char lead) {
  if (lead < 0x80U) {
    return 0;
  }
  if (lead >= 0xC2U && lead <= 0xDFU) {
    return 1;
  }
  if (lead >= 0xE0U && lead <= 0xEFU) {
    return 2;
  }
  return lead >= 0xF0U && lead <= 0xF4U ? std::optional<std::size_t>(3) : std::nullopt;
}

/// Leaves out over-long forms, surrogates and what is above U+10FFFF.
Range SecondByte(unsigned char lead) {
  switch (lead) {
    case 0xE0U:
      return {.first = 0xA0U};
    case 0xEDU:
      return {.last = 0x9FU};
    case 0xF0U:
      return {.first = 0x90U};
    case 0xF4U:
      return {.last = 0x8FU};
    default:
      return {};
  }
}

}  // namespace

Utf8Beginning BeginningOf(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const auto following = Following(lead);
  if (!following) {
    return {1, false};
  }
  Range range = SecondByte(lead);
  for (std::size_t length = 1; length <= *following; ++length) {
    const auto byte = length < text.size() ? static_cast<unsigned char>(text[length]) : 0;
    if (byte < range.first || byte > range.last) {
      return {length, false};
    }
    range = Range();
  }
  return {*following + 1, true};
}

std::optional<RepairedText> RepairUtf8(std::string_view text, std::uint64_t max_replacements) {
  RepairedText repaired;
  repaired.text.reserve(text.size());
  while (!text.empty()) {
    const auto [length, valid] = BeginningOf(text);
    repaired.text += valid ? text.substr(0, length) : kReplacementCharacter;
    repaired.replacements += valid ? 0 : 1;
    if (repaired.replacements > max_replacements) {
      return std::nullopt;
    }
    text.remove_prefix(length);
  }
  return repaired;
}

}  // namespace acronis
