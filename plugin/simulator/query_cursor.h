#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace acronis::simulator {

/// What a page token remembers.
struct QueryCursor {
  std::int64_t offset = 0;
  std::int64_t nonce = 0;  ///< Makes two tokens for the same place differ.
  std::string query{};     ///< The query string of the first page, still encoded.
};

/// A token in standard base64 that always holds `+` and `/` and ends with one `=`.
/// `owner` (the API client) goes into its check sum.
std::string EncodeCursor(const QueryCursor& cursor, std::string_view owner);

/// Empty for a token that was not made for `owner` by EncodeCursor().
std::optional<QueryCursor> DecodeCursor(std::string_view token, std::string_view owner);

}  // namespace acronis::simulator
