#include "plugin/simulator/query_cursor.h"

#include <charconv>

#include "plugin/simulator/dice.h"
#include "plugin/simulator/text_format.h"

namespace acronis::simulator {

namespace {

/// Is `+/+/` in base64.
constexpr std::string_view kMark = "\xfb\xff\xbf";
constexpr std::size_t kSumSize = 8;

std::string CheckSum(std::string_view payload, std::string_view owner) {
  std::uint64_t sum = 0;
  for (const std::string_view part : {owner, std::string_view("|"), payload}) {
    for (const char c : part) {
      sum = Mix(sum ^ static_cast<unsigned char>(c));
    }
  }
  std::string bytes;
  for (std::size_t n = 0; n < kSumSize; ++n) {
    bytes += static_cast<char>((sum >> (8 * n)) & 0xffU);
  }
  return bytes;
}

/// A number and the character behind it.
bool TakeNumber(std::string_view& text, char end, std::int64_t& number) {
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto digits = static_cast<std::size_t>(stopped - text.data());
  if (error != std::errc() || digits >= text.size() || text[digits] != end) {
    return false;
  }
  text.remove_prefix(digits + 1);
  return true;
}

}  // namespace

std::string EncodeCursor(const QueryCursor& cursor, std::string_view owner) {
  std::string payload =
      std::to_string(cursor.offset) + '.' + std::to_string(cursor.nonce) + '?' + cursor.query;
  // Two bytes more than a multiple of three end in exactly one `=`.
  while ((kMark.size() + kSumSize + payload.size()) % 3 != 2) {
    payload += '&';
  }
  return EncodeBase64(std::string(kMark) + CheckSum(payload, owner) + payload);
}

std::optional<QueryCursor> DecodeCursor(std::string_view token, std::string_view owner) {
  const auto bytes = DecodeBase64(token);
  if (!bytes || !bytes->starts_with(kMark) || bytes->size() < kMark.size() + kSumSize) {
    return std::nullopt;
  }
  const std::string_view rest = std::string_view(*bytes).substr(kMark.size());
  const std::string_view payload = rest.substr(kSumSize);
  if (rest.substr(0, kSumSize) != CheckSum(payload, owner)) {
    return std::nullopt;
  }
  QueryCursor cursor;
  std::string_view left = payload;
  if (!TakeNumber(left, '.', cursor.offset) || !TakeNumber(left, '?', cursor.nonce)) {
    return std::nullopt;
  }
  cursor.query = left.substr(0, left.find_last_not_of('&') + 1);  // What was only padding.
  return cursor;
}

}  // namespace acronis::simulator
