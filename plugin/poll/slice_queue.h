#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "plugin/poll/window.h"

namespace acronis::poll {

/// The slices of a stretch of time: which are still to be read, which are being read, which could
/// not be. Handed out from the earliest on, those that failed before at last. Thread-safe.
class SliceQueue {
 public:
  /// A slice that somebody reads.
  struct Taken {
    std::uint64_t ticket = 0;
    Window window{};
  };

  /// `failed_before` are handed out when `slices` are. All of them are disjoint.
  explicit SliceQueue(const std::vector<Window>& slices,
                      const std::vector<Window>& failed_before = {});

  /// The next slice. Waits while those that are being read may still be cut. Empty when all is
  /// read, and after Halt().
  std::optional<Taken> Take();
  /// A taken slice was read to its end.
  void Finish(const Taken& taken);
  /// Of a taken slice `rest` is still to be read, by whoever comes next.
  void PutBack(const Taken& taken, const std::vector<Window>& rest);
  /// Of a taken slice `rest` could not be read; it is not handed out any more.
  void Fail(const Taken& taken, const std::vector<Window>& rest);
  /// Of a taken slice everything before `time` was read.
  void NoteReached(const Taken& taken, TimePoint time);
  /// Cuts the taken slice at the beginning of `pieces`, which others may read.
  void Cut(Taken& taken, const std::vector<Window>& pieces);

  /// Nothing is handed out any more.
  void Halt();
  bool Halted() const;
  /// Somebody waits for a slice in vain.
  bool SomebodyWaits() const;

  /// Everything before it was read. Empty when all was.
  std::optional<TimePoint> FirstUnread() const;
  /// The same, once `taken` is finished.
  std::optional<TimePoint> FirstUnreadWithout(const Taken& taken) const;
  /// What was not read although nothing is known against it, ascending. REQUIRES: nobody reads.
  std::vector<Window> Rest() const;
  /// What could not be read, now or before, ascending. REQUIRES: nobody reads.
  std::vector<Window> Failed() const;
  /// How much time there is in what was not read, the last, open slice left out.
  std::chrono::nanoseconds Left() const;

 private:
  struct Running {
    Window window{};
    TimePoint reached{};
  };

  std::optional<TimePoint> FirstUnreadLocked(std::optional<std::uint64_t> without) const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // All guarded by mutex_.
  std::map<TimePoint, Window> waiting_;  ///< By their beginning.
  std::map<TimePoint, Window> later_;    ///< The same, of those that failed before.
  std::map<std::uint64_t, Running> running_;
  std::vector<Window> failed_;
  std::uint64_t next_ticket_ = 1;
  int idle_ = 0;
  bool halted_ = false;
};

}  // namespace acronis::poll
