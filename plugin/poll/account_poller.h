#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "plugin/core/counts.h"
#include "plugin/core/result.h"
#include "plugin/poll/account.h"
#include "plugin/poll/crew.h"
#include "plugin/poll/in_flight.h"
#include "plugin/poll/live_board.h"
#include "plugin/poll/server_clock.h"
#include "plugin/poll/sweep.h"
#include "plugin/poll/window.h"

namespace acronis::poll {

/// Polls one account: the step, without the loop.
///
/// Owns no thread: PollOnce() and SweepOnce() are called by one thread at a
/// time; Live() may be called by any.
class AccountPoller {
 public:
  /// Shows how the account is on `live`. REQUIRES: `account.progress` is what the ledger returned
  /// for the account.
  explicit AccountPoller(Account account,
                         std::shared_ptr<LiveBoard> live = std::make_shared<LiveBoard>());

  /// One cycle: what is in flight, then what completed. A failure is reported
  /// and returned; everything read before it stays counted, the watermark
  /// covers the gapless part, and the next cycle reads the rest again.
  Status PollOnce(const std::stop_token& stop);

  /// True when a sweep has something to read before the next poll.
  bool SweepWanted() const { return sweep_.Wanted(); }
  /// Sweeps as long as `bounds` allow. Failures are logged and retried after the next poll.
  void SweepOnce(const api::CallBounds& bounds);

  LiveState Live() const { return live_->Read(); }
  const std::string& Name() const { return account_.name; }
  const PollOptions& Options() const { return account_.options; }

 private:
  Status RunCycle(const std::stop_token& stop);
  /// Lists what is in flight and learns the server's time from it. Without a listing if it was
  /// refused.
  Result<std::optional<InFlightListing>> LookAtNow(const std::stop_token& stop);
  /// The first completed task in the order of `field`.
  Result<api::TaskPage> AskFirst(std::string_view field, const std::stop_token& stop);
  /// Asks for the server's time with the smallest completed-task query.
  Result<TimePoint> AskServerTime(const std::stop_token& stop);
  void NoteServerTime(TimePoint server_time);
  Status StoreStart(std::span<const std::string> queues);
  /// After a long absence, until it is caught up: notes what the service has removed meanwhile.
  Status MeasureGap(const std::stop_token& stop);
  Status StoreGap(TimePoint reached, TimePoint readable);
  /// The time by which the oldest task that the service has is found; empty when it has none.
  Result<std::optional<TimePoint>> AskOldest(const std::stop_token& stop);
  std::optional<TimePoint> NewestCounted() const;
  Status ReadCompleted(const std::stop_token& stop);
  /// What `window` and earlier cycles left to read.
  Crew::Work ToRead(const Window& window) const;
  std::shared_ptr<const AccountCounts> OwnCounts() const;
  /// Every queue the ledger knows is shown, with zeros where nothing waits, and no other: what the
  /// ledger counts under `_other` is shown there.
  void FitToKnownQueues(InFlightCounts& shown) const;
  /// Shows a listing, with zeros for every queue the ledger knows; none takes the gauges away.
  void ShowInFlight(const std::optional<InFlightListing>& listing);
  void Report(const Status& status, MonotonicTime began);

  Account account_;
  ServerClock server_clock_;
  Sweep sweep_;
  /// What earlier cycles did not read, while everything else before `read_until_` was read.
  Crew::Work left_;
  TimePoint read_until_{};
  bool in_flight_refused_ = false;
  bool gap_logged_ = false;  ///< Of the absence that lasts.
  std::optional<ErrorKind> failing_;
  bool sweep_failing_ = false;

  std::shared_ptr<LiveBoard> live_;
};

}  // namespace acronis::poll
