#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace acronis {

/// What ParseDuration() accepts, for messages.
inline constexpr std::string_view kDurationForm =
    "a duration such as 500ms, 30s, 1h30m, 7d (units y w d h m s ms, largest first)";

/// Reads a duration as Prometheus writes it: `1h30m`, `500ms`, `7d`, `0`. Units come at most
/// once each, largest first; a year has 365 days. Empty for anything else and for more than
/// 64-bit nanoseconds hold. No sign.
std::optional<std::chrono::nanoseconds> ParseDuration(std::string_view text);

/// `1h30m`, in the same spelling; the largest two units, whole seconds at the least.
std::string DurationText(std::chrono::nanoseconds duration);

}  // namespace acronis
