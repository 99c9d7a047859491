#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plugin/ledger/mix.h"

namespace acronis::ledger::sqlite {

/// A number that depends on every bit of what was added, and on the order. Not against attackers:
/// against disks.
class RowHash {
 public:
  /// `table` keeps equal rows of two tables apart.
  explicit RowHash(std::uint64_t table) : value_(Mix(table + kStep)) {}

  RowHash& Add(std::int64_t number) {
    value_ = Mix((value_ ^ static_cast<std::uint64_t>(number)) + kStep);
    return *this;
  }
  RowHash& Add(std::uint64_t number) { return Add(static_cast<std::int64_t>(number)); }
  RowHash& Add(const std::optional<std::int64_t>& number) {
    return Add(std::int64_t{number ? 1 : 0}).Add(number.value_or(0));
  }
  RowHash& Add(std::string_view text) {
    constexpr std::uint64_t kPrime = 0x100000001B3;  // FNV-1a, 64 bits.
    std::uint64_t hash = 0xCBF29CE484222325;
    for (const char letter : text) {
      hash = (hash ^ static_cast<unsigned char>(letter)) * kPrime;
    }
    return Add(hash).Add(std::uint64_t{text.size()});
  }

  std::uint64_t Value() const { return value_; }

 private:
  static constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15;

  std::uint64_t value_;
};

/// 16 digits.
inline std::string ToHex(std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) {
    text += kDigits[(value >> static_cast<unsigned>(shift)) & 0xFU];
  }
  return text;
}

}  // namespace acronis::ledger::sqlite
