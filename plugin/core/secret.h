#pragma once

#include <ostream>
#include <string>
#include <utility>

namespace acronis {

/// A credential. It can be sent, but not printed by accident; its bytes are
/// overwritten when it is destroyed.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  // A moved-from short string keeps its bytes in place, so moving must wipe them too.
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.Wipe(); }
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      Wipe();
      value_ = other.value_;
    }
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      Wipe();
      value_ = std::move(other.value_);
      other.Wipe();
    }
    return *this;
  }
  ~Secret() { Wipe(); }

  const std::string& Reveal() const { return value_; }
  bool Empty() const { return value_.empty(); }

  /// To notice a change, not to check a guess: how long it takes depends on the bytes.
  bool operator==(const Secret&) const = default;

 private:
  void Wipe() noexcept;

  std::string value_;
};
std::ostream& operator<<(std::ostream&, const Secret&) = delete;

/// Overwrites `text` in a way that the compiler may not drop, then empties it.
void WipeString(std::string& text) noexcept;

}  // namespace acronis
