#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "plugin/core/clock.h"
#include "plugin/core/options.h"
#include "plugin/ledger/ledger.h"

namespace acronis::poll {

/// Before every time that the API can tell.
inline constexpr TimePoint kEver = TimePoint::min();

/// A stretch of completion time, [from, to). Without `to` it has no end.
struct Window {
  TimePoint from = kEver;
  std::optional<TimePoint> to{};

  bool operator==(const Window&) const = default;
};

// The arithmetic of the rules of counting (docs/counting.md). Pure functions; every time is the
// server's.

/// Where an account that was never read begins: `poll.start`, but not behind what the API keeps.
TimePoint StartTime(const PollOptions& options, TimePoint server_time);

/// What a poll reads: an overlap behind the watermark up to now, never behind the start.
/// REQUIRES: progress.start.
Window PollWindow(const ledger::Progress& progress, const PollOptions& options,
                  TimePoint server_time);

/// Where a sweep begins: the window behind the last complete sweep; the start, before the first.
/// REQUIRES: progress.start.
TimePoint SweepFrom(const ledger::Progress& progress, const PollOptions& options);

/// True when the next sweep may begin.
bool SweepDue(const ledger::Progress& progress, const PollOptions& options, TimePoint server_time);

/// The progress once everything before `read_until` was read without a gap: the watermark stays
/// `settle` behind the server's clock and never moves back, the baseline may be complete by it,
/// the horizon follows.
ledger::Progress AfterReading(ledger::Progress progress, const PollOptions& options,
                              TimePoint server_time, TimePoint read_until);

/// The progress after a complete sweep that began at `began`.
ledger::Progress AfterSweep(ledger::Progress progress, const PollOptions& options, TimePoint began);

/// What is known about the past after a long absence.
struct Past {
  TimePoint reached{};                        ///< Everything before it was counted.
  std::optional<TimePoint> oldest_shown{};    ///< The oldest task that the service still has.
  std::optional<TimePoint> newest_counted{};  ///< The newest task that we ever counted.
};

/// From when on the service can still give everything: what it removed lies between
/// `past.reached` and this. Not before `past.reached`.
TimePoint ReadableFrom(const PollOptions& options, TimePoint server_time, const Past& past);

/// The windows between `spots` (ascending), which are an instant each.
std::vector<Window> Without(const std::vector<Window>& windows, std::span<const TimePoint> spots);

/// `slices` and what they leave of `window`, which has an end: ascending and disjoint.
/// REQUIRES: `slices` are that, and have ends.
std::vector<Window> Completed(const std::vector<Window>& slices, const Window& window);

/// The two halves of a window that could not be read, for the next try. One that has no end or is
/// not longer than a second stays whole.
std::vector<Window> Halved(const Window& window);

}  // namespace acronis::poll
