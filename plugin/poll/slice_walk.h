#pragma once

#include <cstdint>
#include <optional>

#include "plugin/api/task_client.h"
#include "plugin/core/result.h"
#include "plugin/poll/account.h"
#include "plugin/poll/window.h"

namespace acronis::poll {

/// What one walk reads: tasks that completed within `completed`; of these, if it is set, only those
/// updated since `updated_from`.
struct Slice {
  Window completed{};
  std::optional<TimePoint> updated_from{};
  int page_size = 500;
};

/// The pages of one slice, in ascending order of completion as far as the server keeps to it.
/// Borrows the client. One thread at a time.
class SliceWalk {
 public:
  /// A walk this long is cut in two, where it can be.
  static constexpr std::uint64_t kMostPages = 10'000;

  static Result<SliceWalk> Begin(const Account& account, api::TaskClient& client,
                                 const Slice& slice);

  /// The next page; empty behind the last one.
  Result<std::optional<api::TaskPage>> Next(const api::CallBounds& bounds);

  std::uint64_t Pages() const { return pages_; }
  /// Everything that completed before it was read: the beginning, if the server does not sort.
  TimePoint ReadUpTo() const { return sorted_ ? reached_ : from_; }
  /// Something was read, and what remains can be read by another walk.
  bool CanBeCut() const { return sorted_ && reached_ > from_; }
  /// The last page was read, or everything before `end`.
  bool IsAtEnd(const std::optional<TimePoint>& end) const {
    return over_ || (sorted_ && end && reached_ >= *end);
  }

 private:
  SliceWalk(api::TaskClient& client, api::TaskQuery query, const Slice& slice);
  void Note(const api::TaskPage& page);

  api::TaskClient* client_;
  api::TaskWalk walk_;
  TimePoint from_;
  TimePoint reached_;
  std::uint64_t pages_ = 0;
  bool sorted_;
  bool over_ = false;
};

}  // namespace acronis::poll
