#include "plugin/core/label.h"

#include "plugin/core/utf8.h"

namespace acronis {

Label RepairLabel(std::string_view text) {
  Label label;
  while (!text.empty()) {
    const auto [length, valid] = BeginningOf(text);
    const std::string_view character = valid ? text.substr(0, length) : kReplacementCharacter;
    label.repaired = label.repaired || !valid;
    if (label.value.size() + character.size() > kMaxLabelBytes) {
      label.repaired = true;
      break;
    }
    label.value += character;
    text.remove_prefix(length);
  }
  return label;
}

}  // namespace acronis
