#pragma once

#include <optional>
#include <stop_token>

#include "plugin/core/clock.h"
#include "plugin/core/result.h"
#include "plugin/poll/account.h"
#include "plugin/poll/slice_reader.h"
#include "plugin/poll/window.h"

namespace acronis::poll {

/// The periodic deep re-read that meets tasks which appeared late.
///
/// Runs between polls, one page a step, so that it never delays one by more
/// than a request. After an error it rests until Resume(). A sweep that a
/// restart cuts begins again. Borrows the account.
class Sweep {
 public:
  explicit Sweep(Account& account) : account_(account) {}

  /// Something is to be read now. `account.server_time` is the last poll's.
  bool Wanted() const;

  /// Reads one page. REQUIRES: Wanted().
  Status Step(const std::stop_token& stop);

  /// A poll succeeded: what failed may be tried again.
  void Resume() { resting_ = false; }

 private:
  /// One sweep under way; [next, until) is still to be read, then what lies after it.
  struct Run {
    TimePoint began{};  ///< The server's time; everything before it will have been read.
    TimePoint next{};
    TimePoint slice_end{};
    std::optional<SliceReader> reader{};
  };

  void Start();
  Status BeginSlice();
  void FinishSlice();

  Account& account_;
  SliceSizer sizer_;
  std::optional<Run> run_;
  bool resting_ = false;
};

}  // namespace acronis::poll
