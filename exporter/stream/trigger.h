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
class Trigger {
 public:
  enum class Event { kBatch, kInputEnded, kReaderGone, kStopped };

  Trigger(TriggerOptions options, const Clock& clock);
  ~Trigger();
  Trigger(const Trigger&) = delete;
  Trigger& operator=(const Trigger&) = delete;

  Event Wait(const std::stop_token& stop);

 private:
  /// Of what has happened, if anything has.
  std::optional<Event> Look(std::chrono::nanoseconds patience);
  std::optional<Event> ReadLines();
  std::chrono::nanoseconds UntilBeat();

  TriggerOptions options_;
  const Clock& clock_;
  MonotonicTime next_beat_;
  int lines_waiting_ = 0;
  int wake_;  ///< An eventfd.
};

}  // namespace acronis::exporter
