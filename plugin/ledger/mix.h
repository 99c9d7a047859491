#pragma once

#include <cstdint>

namespace acronis::ledger {

/// Spreads every bit of `value` over the result (the finalizer of splitmix64).
constexpr std::uint64_t Mix(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EB;
  return value ^ (value >> 31U);
}

}  // namespace acronis::ledger
