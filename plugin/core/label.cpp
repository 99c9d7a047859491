#include "plugin/core/label.h"

#include <cstdint>

namespace acronis {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool IsContinuation(unsigned char byte) {
  return (byte & 0xC0U) == 0x80U;
}

/// Length of the sequence that `lead` announces; 0 if it cannot start one.
std::size_t SequenceLength(unsigned char lead) {
  if (lead < 0x80U) {
    return 1;
  }
  if (lead >= 0xC2U && lead <= 0xDFU) {
    return 2;
  }
  if (lead >= 0xE0U && lead <= 0xEFU) {
    return 3;
  }
  return lead >= 0xF0U && lead <= 0xF4U ? 4 : 0;
}

/// Refuses over-long forms, surrogates and code points above U+10FFFF by the second byte.
bool SecondByteFits(unsigned char lead, unsigned char second) {
  switch (lead) {
    case 0xE0U:
      return second >= 0xA0U;
    case 0xEDU:
      return second <= 0x9FU;
    case 0xF0U:
      return second >= 0x90U;
    case 0xF4U:
      return second <= 0x8FU;
    default:
      return true;
  }
}

/// Length of the valid character at the front of `text`; 0 if there is none.
std::size_t CharacterLength(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = SequenceLength(lead);
  if (length == 0 || length > text.size()) {
    return 0;
  }
  for (std::size_t i = 1; i < length; ++i) {
    if (!IsContinuation(static_cast<unsigned char>(text[i]))) {
      return 0;
    }
  }
  if (length > 1 && !SecondByteFits(lead, static_cast<unsigned char>(text[1]))) {
    return 0;
  }
  return length;
}

}  // namespace

Label RepairLabel(std::string_view text) {
  Label label;
  while (!text.empty()) {
    const std::size_t length = CharacterLength(text);
    const std::string_view character = length == 0 ? kReplacement : text.substr(0, length);
    label.repaired = label.repaired || length == 0;
    if (label.value.size() + character.size() > kMaxLabelBytes) {
      label.repaired = true;
      break;
    }
    label.value += character;
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return label;
}

}  // namespace acronis
