#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace acronis::simulator {

/// Appends `text` as a JSON string with its quotes. Bytes above 0x7f are passed on.
void AppendJsonString(std::string& out, std::string_view text);
std::string JsonString(std::string_view text);

/// Appends `seed`, spread over 128 bits, as a lower-case version 4 UUID.
void AppendUuid(std::string& out, std::uint64_t seed);
std::string Uuid(std::uint64_t seed);

/// Nanoseconds since 1970 as `2025-10-10T17:22:10.32364203Z`: UTC, zeros at the end trimmed.
std::string FormatTime(std::int64_t nanoseconds);

/// Standard alphabet with padding.
std::string EncodeBase64(std::string_view bytes);
/// Empty for anything but padded standard base64.
std::optional<std::string> DecodeBase64(std::string_view text);
/// URL alphabet without padding, as in JSON web tokens.
std::string EncodeBase64Url(std::string_view bytes);

std::string ToLower(std::string_view text);
std::string ToUpper(std::string_view text);

}  // namespace acronis::simulator
