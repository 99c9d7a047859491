#include "exporter/web/auth/credentials.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace acronis::exporter {
namespace {

constexpr std::string_view kScheme = "basic ";
constexpr std::size_t kGroup = 4;
constexpr unsigned kBitsEach = 6;
constexpr std::uint8_t kForeign = 0xFF;

constexpr std::array<std::uint8_t, 256> MakeValues() {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::uint8_t, 256> values{};
  values.fill(kForeign);
  for (std::size_t index = 0; index < kAlphabet.size(); ++index) {
    values[static_cast<unsigned char>(kAlphabet[index])] = static_cast<std::uint8_t>(index);
  }
  return values;
}
constexpr auto kValues = MakeValues();

char ToLower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Two, three or four digits become one, two or three bytes. False when a digit is none, or when
/// bits are left over that are not 0.
bool DecodeGroup(std::string_view digits, std::string& bytes) {
  std::uint32_t bits = 0;
  for (const char digit : digits) {
    const std::uint8_t value = kValues[static_cast<unsigned char>(digit)];
    if (value == kForeign) {
      return false;
    }
    bits = bits << kBitsEach | value;
  }
  bits <<= kBitsEach * static_cast<unsigned>(kGroup - digits.size());
  for (std::size_t index = 1; index < digits.size(); ++index) {
    bytes += static_cast<char>(bits >> 16U & 0xFFU);
    bits <<= 8U;
  }
  return (bits & 0xFFFFFFU) == 0;
}

/// Strict Base64: padded, nothing between the digits, one way only to write each text.
std::optional<Secret> Decode(std::string_view text) {
  if (text.size() % kGroup != 0) {
    return std::nullopt;
  }
  const std::size_t padding = text.ends_with("==") ? 2 : (text.ends_with('=') ? 1 : 0);
  text.remove_suffix(padding);
  std::string bytes;
  bytes.reserve(text.size());  // No copy of a password is left behind by growing.
  bool good = true;
  for (; good && !text.empty(); text.remove_prefix(std::min(kGroup, text.size()))) {
    good = DecodeGroup(text.substr(0, kGroup), bytes);
  }
  Secret decoded(std::move(bytes));
  return good ? std::optional(std::move(decoded)) : std::nullopt;
}

}  // namespace

std::optional<Credentials> ReadBasicCredentials(std::string_view header) {
  const std::string_view scheme = header.substr(0, kScheme.size());
  if (!std::ranges::equal(scheme, kScheme, {}, ToLower)) {
    return std::nullopt;
  }
  const auto decoded = Decode(header.substr(kScheme.size()));
  const auto colon = decoded ? decoded->Reveal().find(':') : std::string::npos;
  if (colon == std::string::npos) {
    return std::nullopt;
  }
  return Credentials{.user = decoded->Reveal().substr(0, colon),
                     .password = Secret(decoded->Reveal().substr(colon + 1))};
}

}  // namespace acronis::exporter
