#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/commands/check_counts.h"
#include "exporter/commands/check_picture.h"
#include "plugin/core/clock.h"
#include "plugin/core/result.h"

namespace acronis::exporter {

/// What one check saw of an exporter.
struct SeenTotals {
  TimePoint time{};
  std::vector<std::string> accounts{};  ///< Sorted.
  SeriesTotals totals{};

  bool operator==(const SeenTotals&) const = default;
};

/// What the checks with the same question saw so far: counters have no window, their difference
/// has.
struct CheckHistory {
  std::string store{};             ///< Of all that was seen.
  bool anew = false;               ///< Something was seen before, and had to be forgotten.
  std::vector<SeenTotals> seen{};  ///< The oldest first; spread over the window.

  bool operator==(const CheckHistory&) const = default;
};

/// Counts from the newest totals that are at least `since` old, else from the oldest, to those of
/// the picture, and adds the picture to the history.
///
/// A series whose last completion lies in the last `since` counts as at least 1. Totals of another
/// store, or that went down, are no continuation: the history then begins anew. What no later check
/// needs is dropped, so that about 60 totals are kept. A picture before the end of the first
/// catch-up is not remembered, since what is caught up with is not of the window.
WindowCounts CountSince(CheckHistory& history, const ExporterPicture& picture,
                        std::chrono::nanoseconds since, TimePoint now);

/// The history as JSON, with the question it belongs to.
std::string WriteHistory(const CheckHistory& history, const std::string& question);
/// kInvalidResponse for anything but what WriteHistory() wrote for this question.
Result<CheckHistory> ReadHistory(const std::string& text, const std::string& question);

}  // namespace acronis::exporter
