#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "plugin/core/clock.h"
#include "plugin/core/options.h"
#include "plugin/ledger/ledger.h"

namespace acronis::poll {

/// A stretch of completion time, [from, to). Without `to` it has no end.
struct Window {
  TimePoint from{};
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

/// Cuts a stretch of time into slices from its beginning. A slice that could not be read is halved
/// on the next try, down to a second; each that could doubles the next.
class SliceSizer {
 public:
  /// End of the slice that begins at `from`; `to` when the rest may be read at once.
  TimePoint EndOfNext(TimePoint from, TimePoint to) const;
  void Failed(std::chrono::nanoseconds length);
  void Succeeded();

 private:
  std::optional<std::chrono::nanoseconds> limit_;  // Empty: no need to cut.
};

}  // namespace acronis::poll
