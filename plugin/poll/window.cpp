#include "plugin/poll/window.h"

#include <algorithm>
#include <cassert>
#include <variant>

namespace acronis::poll {
namespace {

using std::chrono::nanoseconds;

/// Ids are remembered a little longer than the windows that may show them again.
constexpr nanoseconds kHorizonMargin = std::chrono::hours(1);
constexpr nanoseconds kSmallestSlice = std::chrono::seconds(1);

/// Follows watermark and sweeps, never back. Before the baseline is complete, and until the first
/// sweep has read everything again, ids are kept from the start on.
void MoveHorizon(ledger::Progress& progress, const PollOptions& options) {
  if (!progress.baseline_complete || !progress.last_sweep || !progress.watermark) {
    progress.horizon = progress.horizon ? progress.horizon : progress.start;
    return;
  }
  const TimePoint needed =
      std::min(*progress.watermark - options.overlap, *progress.last_sweep - options.sweep_window) -
      kHorizonMargin;
  progress.horizon = std::max(progress.horizon.value_or(needed), needed);
  std::erase_if(progress.passed_over, [&](TimePoint spot) { return spot < *progress.horizon; });
}

void AddIfNotEmpty(std::vector<Window>& windows, const Window& window) {
  if (!window.to || window.from < *window.to) {
    windows.push_back(window);
  }
}

/// Moves what lies before `spot` into `parts`, and leaves what lies behind it.
void CutOff(Window& window, TimePoint spot, std::vector<Window>& parts) {
  if (spot >= window.from && (!window.to || spot < *window.to)) {
    AddIfNotEmpty(parts, {.from = window.from, .to = spot});
    window.from = spot + nanoseconds(1);
  }
}

}  // namespace

TimePoint StartTime(const PollOptions& options, TimePoint server_time) {
  const TimePoint oldest = server_time - options.retention;
  if (const auto* const back = std::get_if<nanoseconds>(&options.start.value)) {
    return std::max(server_time - *back, oldest);
  }
  if (const auto* const date = std::get_if<TimePoint>(&options.start.value)) {
    return std::clamp(*date, oldest, server_time);
  }
  return server_time;
}

Window PollWindow(const ledger::Progress& progress, const PollOptions& options,
                  TimePoint server_time) {
  assert(progress.start);
  const TimePoint reached = progress.watermark.value_or(*progress.start);
  const TimePoint from =
      std::max(std::min(reached, server_time) - options.overlap, *progress.start);
  return {.from = from, .to = std::max(from, server_time)};
}

TimePoint SweepFrom(const ledger::Progress& progress, const PollOptions& options) {
  assert(progress.start);
  return progress.last_sweep
             ? std::max(*progress.last_sweep - options.sweep_window, *progress.start)
             : *progress.start;
}

bool SweepDue(const ledger::Progress& progress, const PollOptions& options, TimePoint server_time) {
  if (!progress.baseline_complete) {
    return false;
  }
  const auto last = progress.last_sweep ? progress.last_sweep : progress.baseline_end;
  return last && server_time >= *last + options.sweep_every;
}

ledger::Progress AfterReading(ledger::Progress progress, const PollOptions& options,
                              TimePoint server_time, TimePoint read_until) {
  const TimePoint settled = std::min(read_until, server_time - options.settle);
  progress.watermark = std::max(progress.watermark.value_or(settled), settled);
  if (progress.baseline_end && read_until >= *progress.baseline_end) {
    progress.baseline_complete = true;
  }
  MoveHorizon(progress, options);
  return progress;
}

ledger::Progress AfterSweep(ledger::Progress progress, const PollOptions& options,
                            TimePoint began) {
  progress.last_sweep = std::max(progress.last_sweep.value_or(began), began);
  MoveHorizon(progress, options);
  return progress;
}

TimePoint ReadableFrom(const PollOptions& options, TimePoint server_time, const Past& past) {
  const TimePoint kept_from = server_time - options.retention;
  TimePoint readable = kept_from;
  if (past.oldest_shown) {
    // It keeps more than it has to; or less, if even a task that we counted within the retention
    // is gone.
    const bool removed_early = past.newest_counted && *past.newest_counted >= kept_from &&
                               *past.oldest_shown > *past.newest_counted;
    readable = removed_early ? std::max(kept_from, *past.oldest_shown)
                             : std::min(kept_from, *past.oldest_shown);
  }
  return std::max(readable, past.reached);
}

std::vector<Window> Without(const std::vector<Window>& windows, std::span<const TimePoint> spots) {
  std::vector<Window> parts;
  for (Window window : windows) {
    for (const TimePoint spot : spots) {
      CutOff(window, spot, parts);
    }
    AddIfNotEmpty(parts, window);
  }
  return parts;
}

std::vector<Window> Completed(const std::vector<Window>& slices, const Window& window) {
  std::vector<Window> all;
  TimePoint next = window.from;
  for (const Window& slice : slices) {
    if (next < std::min(slice.from, *window.to)) {
      all.push_back({.from = next, .to = std::min(slice.from, *window.to)});
    }
    all.push_back(slice);
    next = std::max(next, *slice.to);
  }
  if (next < *window.to) {
    all.push_back({.from = next, .to = window.to});
  }
  return all;
}

std::vector<Window> Halved(const Window& window) {
  if (!window.to || window.from == kEver || *window.to - window.from <= kSmallestSlice) {
    return {window};
  }
  const TimePoint middle = window.from + (*window.to - window.from) / 2;
  return {{.from = window.from, .to = middle}, {.from = middle, .to = window.to}};
}

}  // namespace acronis::poll
