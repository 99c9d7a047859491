#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

#include "plugin/core/clock.h"

namespace acronis::exporter {

/// What a stream waits for between two batches.
struct TriggerOptions {
  /// Each line that can be read here asks for a batch, and the end of the input is the end of the
  /// stream; -1: the beat alone decides.
  int lines_from = -1;
  /// Without lines: a batch at once, and then one at each beat. Beats that were missed are left
  /// out.
  std::chrono::nanoseconds interval = std::chrono::seconds(10);
  /// Where batches go: who has closed the other end wants no more. -1: nowhere that can be closed.
  int output = -1;
};

/// Tells when a batch is due. Used by one thread; `stop` may be requested by any.
///
/// What lines asked for before the input ended has kGrace from then on.
class Trigger {
 public:
  enum class Event { kBatch, kInputEnded, kReaderGone, kStopped };

  Trigger(TriggerOptions options, const Clock& clock);
  ~Trigger();
  Trigger(const Trigger&) = delete;
  Trigger& operator=(const Trigger&) = delete;

  static constexpr std::chrono::milliseconds kGrace{500};

  Event Wait(const std::stop_token& stop);
  /// While another thread makes a batch, until `done` is requested: why there is no sense in it any
  /// more, if that comes first.
  std::optional<Event> Watch(const std::stop_token& done, const std::stop_token& stop);

 private:
  bool Beats() const { return options_.lines_from < 0; }
  /// Takes it, if it is.
  bool BatchIsDue();
  std::optional<Event> WatchUntil(const std::stop_token& done, const std::stop_token& stop);
  /// Of what has happened, if anything has. Without `patience` it waits until something does.
  std::optional<Event> Look(std::optional<std::chrono::nanoseconds> patience);
  void ReadLines();
  /// Until the grace is over; none while the input goes on.
  std::optional<std::chrono::nanoseconds> UntilEnd() const;
  std::chrono::nanoseconds UntilBeat();

  TriggerOptions options_;
  const Clock& clock_;
  MonotonicTime next_beat_;
  int lines_waiting_ = 0;
  std::optional<MonotonicTime> input_ended_{};
  int wake_;  ///< An eventfd.
};

}  // namespace acronis::exporter
