#pragma once

#include <optional>

#include "plugin/api/call_bounds.h"
#include "plugin/core/clock.h"
#include "plugin/core/result.h"
#include "plugin/poll/account.h"
#include "plugin/poll/crew.h"
#include "plugin/poll/window.h"

namespace acronis::poll {

/// The periodic deep re-read that meets tasks which appeared late.
///
/// Runs between polls and ends when the next one is due; goes on after it where it was. After an
/// error it rests until Resume(). A sweep that a restart cuts begins again. Borrows the account.
class Sweep {
 public:
  explicit Sweep(Account& account) : account_(account) {}

  /// Something is to be read now. `account.server_time` is the last poll's.
  bool Wanted() const;

  /// Reads until everything is read, or as long as `bounds` allow. REQUIRES: Wanted().
  Status Run(const api::CallBounds& bounds);

  /// A poll succeeded: what failed may be tried again.
  void Resume() { resting_ = false; }

 private:
  /// One sweep under way.
  struct UnderWay {
    TimePoint began{};  ///< The server's time; everything before it will have been read.
    std::optional<TimePoint> updated_from{};
    Crew::Work left{};
  };

  void Start();

  Account& account_;
  std::optional<UnderWay> run_;
  bool resting_ = false;
};

}  // namespace acronis::poll
