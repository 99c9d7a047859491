#include "plugin/core/secret.h"

#include <cstring>

namespace acronis {

void WipeString(std::string& text) noexcept {
  // Up to the capacity: what a move or a shorter value left behind counts too.
  text.resize(text.capacity());
  explicit_bzero(text.data(), text.size());
  text.clear();
}

void Secret::Wipe() noexcept {
  WipeString(value_);
}

}  // namespace acronis
