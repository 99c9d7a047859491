#include "plugin/core/fingerprint.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>

namespace acronis {

std::string Fingerprint(std::string_view text) {
  constexpr std::uint64_t kPrime = 0x100000001B3;
  constexpr int kHexadecimal = 16;
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
  }
  std::array<char, 16> digits{};
  auto* const end =
      std::to_chars(digits.data(), digits.data() + digits.size(), hash, kHexadecimal).ptr;
  const std::string_view written(digits.data(), static_cast<std::size_t>(end - digits.data()));
  return std::string(digits.size() - written.size(), '0') + std::string(written);
}

}  // namespace acronis
