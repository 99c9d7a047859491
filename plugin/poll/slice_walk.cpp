#include "plugin/poll/slice_walk.h"

#include <array>
#include <string_view>
#include <utility>

namespace acronis::poll {
namespace {

constexpr std::string_view kCompletedAt = "completedAt";
constexpr std::string_view kUpdatedAt = "updatedAt";
constexpr std::chrono::nanoseconds kNextInstant{1};

}  // namespace

Result<SliceWalk> SliceWalk::Begin(const Account& account, api::TaskClient& client,
                                   const Slice& slice) {
  auto query = BaseQuery(account, std::array{kCompletedState},
                         slice.updated_from ? kUpdatedAt : kCompletedAt);
  if (!query) {
    return std::move(query).error();
  }
  query->LimitTo(slice.page_size);
  if (slice.updated_from) {
    // The service documents a single bound on this field.
    query->AddTimeBound(kUpdatedAt, api::Comparison::kGreaterOrEqual, *slice.updated_from);
  }
  if (slice.completed.from != kEver) {
    // `gt` is the comparison that is documented and proven on this field.
    query->AddTimeBound(kCompletedAt, api::Comparison::kGreater,
                        slice.completed.from - kNextInstant);
  }
  if (slice.completed.to) {
    query->AddTimeBound(kCompletedAt, api::Comparison::kLess, *slice.completed.to);
  }
  return SliceWalk(client, *std::move(query), slice);
}

SliceWalk::SliceWalk(api::TaskClient& client, api::TaskQuery query, const Slice& slice)
    : client_(&client),
      walk_(client, std::move(query), api::PageUse::kCounting, kMostPages),
      from_(slice.completed.from),
      reached_(slice.completed.from),
      sorted_(!slice.updated_from && client.ServerSorts()) {}

Result<std::optional<api::TaskPage>> SliceWalk::Next(const api::CallBounds& bounds) {
  auto page = walk_.Next(bounds);
  if (page && *page) {
    Note(**page);
  }
  over_ = over_ || (page && !*page);
  return page;
}

void SliceWalk::Note(const api::TaskPage& page) {
  ++pages_;
  over_ = !page.next_cursor;
  // That the server does not sort may have been learned from this very page.
  sorted_ = sorted_ && client_->ServerSorts();
  for (const Task& task : page.tasks) {
    sorted_ = sorted_ && *task.completed_at >= reached_;
    reached_ = *task.completed_at;
  }
}

}  // namespace acronis::poll
