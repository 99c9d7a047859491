#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "plugin/api/session.h"
#include "plugin/core/result.h"
#include "plugin/ledger/ledger.h"
#include "plugin/poll/account.h"
#include "plugin/poll/page_counter.h"
#include "plugin/poll/slice_queue.h"
#include "plugin/poll/slice_walk.h"
#include "plugin/poll/window.h"

namespace acronis::poll {

/// Reads stretches of time, alone or by several sessions side by side.
///
/// Begins alone. Where the pages of a slice show that many follow, the slice is cut, and
/// further sessions take the pieces, as many as are allowed and may be had; who has nothing to do
/// gets half of what another still has. All but one give way when the server asks for less.
/// The next page is fetched while the one before is on its way to the disk.
/// What fails is left for the next time, halved; the rest is read all the same unless two fail in a
/// row. The progress follows what was read without a gap.
class Crew {
 public:
  struct Rules {
    std::optional<TimePoint> updated_from{};  ///< As Slice has it; one walk then, never cut.
    bool may_cut = false;  ///< Into slices that are read one by one, or side by side.
    int sessions = 1;      ///< At most.
    /// What is done, as people call it. Empty: not told.
    std::string task{};
    /// The progress when everything before the time is read; empty: all is. None: it stays.
    std::function<ledger::Progress(const ledger::Progress&, std::optional<TimePoint>)> progress{};
  };

  /// What is to be read, each ascending, all of it disjoint.
  struct Work {
    std::vector<Window> unread{};
    std::vector<Window> failed{};  ///< Could not be read the last time; tried after the others.

    bool Empty() const { return unread.empty() && failed.empty(); }
  };

  /// The first error, and what is left to read; of what failed now, the halves.
  struct Outcome {
    Status status;
    Work left{};
  };

  /// Borrows the account, whose progress it changes.
  Crew(Account& account, Rules rules);

  /// Reads all but what is to be passed over. Without an error something may be left when `bounds`
  /// ended it; a stop is kCancelled.
  Outcome Read(const Work& work, const api::CallBounds& bounds);

 private:
  using Taken = SliceQueue::Taken;

  struct Job {
    Job(const std::vector<Window>& slices, const std::vector<Window>& failed_before,
        const api::CallBounds& ends)
        : queue(slices, failed_before), bounds(ends) {}
    SliceQueue queue;
    const api::CallBounds& bounds;
    std::vector<std::unique_ptr<api::Session>> sessions{};
    std::vector<std::jthread> threads{};  ///< After what they use: joined first.
  };

  void ReadSlices(Job& job, api::TaskClient& client, bool is_first);
  Status ReadSlice(Job& job, api::TaskClient& client, Taken& taken, bool is_first);
  /// One page: counted, and what follows from it. True when the slice is done with.
  // NOLINTNEXTLINE(readability-function-size): five roles, each of a type of its own.
  Result<bool> Step(Job& job, SliceWalk& walk, PageCounter::Lane& lane, Taken& taken,
                    bool is_first);
  /// Leaves what is left of a slice to others.
  Status Leave(Job& job, const SliceWalk& walk, PageCounter::Lane& lane, const Taken& taken);
  Status Finish(Job& job, const Taken& taken, api::TaskPage page, bool is_first);
  Status CountPage(api::TaskPage page);
  /// Lets others take part, and cuts the slice for them.
  void Share(Job& job, const SliceWalk& walk, Taken& taken, bool is_first);
  /// True if others have come.
  bool Grow(Job& job);
  /// False when the system has no thread to spare: those that there are go on.
  bool Begin(Job& job, std::unique_ptr<api::Session> session);
  /// In how many parts what is `left` of a slice, in pages, is to be cut.
  static int Pieces(double left, const SliceWalk& walk, bool grown, const Job& job);
  bool MustGiveWay(bool is_first) const;
  Status HandleFailure(Job& job, api::TaskClient& client, const SliceWalk& walk, const Taken& taken,
                       const Error& error);
  Status SearchSpots(Job& job, api::TaskClient& client, const Slice& slice, const Taken& taken,
                     const Error& error);
  Status PassOver(TimePoint spot, const Error& why);
  Status AdvanceProgress(const Job& job);
  void NoteError(Job& job, const Error& error);
  void Tell(const Job& job);
  Slice SliceOf(const Window& window) const;
  std::uint64_t TimesThrottled() const;

  Account& account_;
  Rules rules_;
  PageCounter counter_;
  const TimePoint start_;  ///< Of the account.
  std::uint64_t throttled_before_;
  MonotonicTime began_;
  std::chrono::nanoseconds whole_{};  ///< All that was to be read.

  std::mutex progress_mutex_;  // Guards the account's progress while others take part.
  std::mutex mutex_;
  // Guarded by mutex_.
  std::optional<Error> error_;
  int failures_in_a_row_ = 0;
  MonotonicTime told_at_;
  bool told_ = false;
};

}  // namespace acronis::poll
