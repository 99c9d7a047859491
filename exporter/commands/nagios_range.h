#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace acronis::exporter {

/// What ParseNagiosRange() accepts, for messages.
inline constexpr std::string_view kRangeForm =
    "a range such as 10 (0 to 10), 10:, ~:10, 10:20 or @10:20, as of the Nagios plugins";

/// A range as of the Nagios plugins: values outside alert, or with `@` those inside. Both ends
/// belong to it.
struct NagiosRange {
  double low = 0;
  double high = std::numeric_limits<double>::infinity();
  bool inside = false;
  std::string text{};  ///< As it was given.

  bool Alerts(double value) const {
    const bool within = low <= value && value <= high;
    return within == inside;
  }
  /// Alerts for `value` and for everything above it.
  bool AlertsFrom(double value) const { return !inside && value > high; }
};

/// Empty for anything that is no range, a low end above the high one too.
std::optional<NagiosRange> ParseNagiosRange(std::string_view text);

}  // namespace acronis::exporter
