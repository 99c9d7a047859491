#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plugin/core/clock.h"
#include "plugin/core/result.h"

namespace acronis {

/// Reads an RFC 3339 time exactly: 0 to 9 fraction digits, `Z` or an offset.
///
/// Empty for anything else: a missing zone, a space for `T`, a day that does
/// not exist, a year before 1970 or after 2261 (64-bit nanoseconds could not hold
/// the difference of two such times), trailing text. A leap second (`:60`) is read as the next
/// second.
std::optional<TimePoint> ParseRfc3339(std::string_view text);

/// Writes UTC with `Z`, trailing zeros of the fraction trimmed, as the API does.
std::string FormatRfc3339(TimePoint time);

/// Reads an HTTP date (RFC 9110: IMF-fixdate, RFC 850 or asctime form).
std::optional<TimePoint> ParseHttpDate(std::string_view text);

/// Reads a date in any of the six forms the Task Manager API documents:
/// RFC 3339, RFC 1123, RFC 850, ANSI C, Unix seconds, Unix nanoseconds + "ns".
/// The error (kInvalidArgument) names all of them.
Result<TimePoint> ParseDate(std::string_view text);

}  // namespace acronis
