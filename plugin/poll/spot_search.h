#pragma once

#include <functional>
#include <vector>

#include "plugin/api/task_client.h"
#include "plugin/core/result.h"
#include "plugin/poll/account.h"
#include "plugin/poll/slice_walk.h"
#include "plugin/poll/window.h"

namespace acronis::poll {

/// Finds the records that make a slice unreadable, and reads all around them.
///
/// A page that cannot be read hides its cursor too, so no walk comes past it. The slice is halved
/// by time, down to a nanosecond, and each readable half is counted; what is left is read in
/// smaller and smaller pages, down to one record. That spot is passed over, provided that the
/// service is well otherwise: an empty query is asked before each search and before each spot.
/// Borrows everything. One thread at a time.
class SpotSearch {
 public:
  struct Deps {
    Account& account;
    api::TaskClient& client;
    TimePoint
        before;  ///< Nothing as early as this is ever read, so whatever it is does not matter.
    std::function<Status(api::TaskPage)> count;
    /// Remembers that nothing at this time is to be asked for any more.
    std::function<Status(TimePoint, const Error&)> pass_over;
  };

  /// `unread` is what remains after an error, ascending.
  struct Outcome {
    Status status;
    std::vector<Window> unread{};
  };

  explicit SpotSearch(Deps deps) : deps_(std::move(deps)) {}

  /// `why` is the error of the walk that failed. REQUIRES: its kind is kInvalidResponse.
  Outcome Run(const Slice& slice, const Error& why, const api::CallBounds& bounds);

 private:
  Status CheckService(const api::CallBounds& bounds);
  /// Reads the first piece, or makes two of it, or passes its record over.
  Status SettleFirst(const Slice& slice, const api::CallBounds& bounds);
  Status ReadPage(SliceWalk& walk, const api::CallBounds& bounds);
  /// Reads and counts a piece, from its beginning as far as it goes; moves that up.
  Status Read(Slice& piece, const api::CallBounds& bounds);
  /// Reads what is left of one nanosecond, and passes its first unreadable record over.
  Status ReadInstant(const Slice& instant, const api::CallBounds& bounds);

  Deps deps_;
  std::vector<Window> pieces_{};  ///< Still to be read, the earliest last.
  int requests_ = 0;
  int spots_ = 0;
};

}  // namespace acronis::poll
