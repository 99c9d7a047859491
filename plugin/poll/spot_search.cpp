#include "plugin/poll/spot_search.h"

#include <algorithm>
#include <utility>

namespace acronis::poll {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kInstant{1};
/// What has no bound is searched so far around now.
constexpr nanoseconds kFar = std::chrono::hours(24 * 365 * 10);
/// A search that finds no end is cut here and goes on with the next poll.
constexpr int kMostRequests = 1000;
constexpr int kMostSpots = 16;

/// `window` in pieces of which only those that cannot be halved are open; the earliest last.
std::vector<Window> Bounded(const Window& window, TimePoint now) {
  std::vector<Window> pieces;
  const TimePoint from = window.from == kEver ? now - kFar : window.from;
  const TimePoint to = window.to.value_or(std::max(now, from) + kFar);
  if (!window.to) {
    pieces.push_back({.from = to, .to = std::nullopt});
  }
  pieces.push_back({.from = from, .to = to});
  if (window.from == kEver) {
    pieces.push_back({.from = kEver, .to = from});
  }
  return pieces;
}

bool IsOpen(const Window& window) {
  return !window.to || window.from == kEver;
}

}  // namespace

SpotSearch::Outcome SpotSearch::Run(const Slice& slice, const Error& why,
                                    const api::CallBounds& bounds) {
  if (auto well = CheckService(bounds); !well) {
    const bool broken = well.error().kind == ErrorKind::kInvalidResponse;
    return {broken ? Status(why) : well, {slice.completed}};
  }
  pieces_ = Bounded(slice.completed, deps_.account.server_time);
  while (!pieces_.empty()) {
    if (auto settled = SettleFirst(slice, bounds); !settled) {
      std::ranges::reverse(pieces_);
      return {std::move(settled), std::move(pieces_)};
    }
  }
  return {Ok{}, {}};
}

Status SpotSearch::SettleFirst(const Slice& slice, const api::CallBounds& bounds) {
  Slice piece = slice;
  piece.completed = pieces_.back();
  Status read = Read(piece, bounds);
  pieces_.back() = piece.completed;  // What was read of it is not read again.
  const bool is_unreadable = !read && read.error().kind == ErrorKind::kInvalidResponse;
  if (is_unreadable && !IsOpen(piece.completed)) {
    const TimePoint from = piece.completed.from;
    const TimePoint to = *piece.completed.to;
    if (to - from > kInstant) {
      const TimePoint middle = from + (to - from) / 2;
      pieces_.back() = {.from = middle, .to = to};
      pieces_.push_back({.from = from, .to = middle});
      return Ok{};
    }
    read = ReadInstant(piece, bounds);
  }
  if (read) {
    pieces_.pop_back();
  }
  return read;
}

Status SpotSearch::CheckService(const api::CallBounds& bounds) {
  Slice nothing{.completed = {.from = deps_.before, .to = deps_.before + kInstant}};
  nothing.page_size = 1;
  auto walk = SliceWalk::Begin(deps_.account, deps_.client, nothing);
  if (!walk) {
    return std::move(walk).error();
  }
  ++requests_;
  auto page = walk->Next(bounds);
  return page ? Status(Ok{}) : Status(std::move(page).error());
}

Status SpotSearch::Read(Slice& piece, const api::CallBounds& bounds) {
  auto walk = SliceWalk::Begin(deps_.account, deps_.client, piece);
  if (!walk) {
    return std::move(walk).error();
  }
  Status read = Ok{};
  while (read && !walk->IsAtEnd(piece.completed.to)) {
    read = ReadPage(*walk, bounds);
  }
  if (!read && read.error().kind != ErrorKind::kStore) {  // Else the last page was not counted.
    piece.completed.from = walk->ReadUpTo();
  }
  return read;
}

Status SpotSearch::ReadPage(SliceWalk& walk, const api::CallBounds& bounds) {
  if (++requests_ > kMostRequests) {
    return Error{ErrorKind::kInvalidResponse,
                 "task page: unreadable, and not found yet which record it is"};
  }
  auto page = walk.Next(bounds);
  if (!page) {
    return std::move(page).error();
  }
  return *page ? deps_.count(*std::move(*page)) : Status(Ok{});
}

Status SpotSearch::ReadInstant(const Slice& instant, const api::CallBounds& bounds) {
  Status read = Ok{};
  Slice part = instant;
  for (part.page_size = instant.page_size; part.page_size >= 1; part.page_size /= 2) {
    read = Read(part, bounds);
    if (read || read.error().kind != ErrorKind::kInvalidResponse) {
      return read;
    }
    part.completed = instant.completed;
  }
  const Error why = read.error();
  if (auto well = CheckService(bounds); !well) {
    return well;
  }
  if (++spots_ > kMostSpots || requests_ > kMostRequests) {
    return why;
  }
  return deps_.pass_over(instant.completed.from, why);
}

}  // namespace acronis::poll
