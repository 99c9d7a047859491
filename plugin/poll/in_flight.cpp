#include "plugin/poll/in_flight.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace acronis::poll {
namespace {

/// 20 pages of 500 are 10,000 waiting tasks: enough to see that a queue is stuck.
constexpr std::uint64_t kMaxPages = 20;

void NoteOldest(InFlightCount& count, const std::optional<TimePoint>& enqueued_at) {
  if (enqueued_at) {
    count.oldest_enqueued_at =
        count.oldest_enqueued_at ? std::min(*count.oldest_enqueued_at, *enqueued_at) : *enqueued_at;
  }
}

void Add(InFlightListing& listing, const Task& task) {
  const auto* const state = std::find(kInFlightStates.begin(), kInFlightStates.end(), task.state);
  if (state == kInFlightStates.end()) {
    return;  // Completed since it was listed; the completed-task query will show it.
  }
  auto& states = listing.counts[task.queue];
  InFlightCount& count = states[static_cast<std::size_t>(state - kInFlightStates.begin())];
  ++count.tasks;
  NoteOldest(count, task.enqueued_at);
}

}  // namespace

std::vector<std::string> InFlightListing::Queues() const {
  std::vector<std::string> queues;
  queues.reserve(counts.size());
  for (const auto& [queue, states] : counts) {
    queues.push_back(queue);
  }
  return queues;
}

Result<InFlightListing> ListInFlight(Account& account, const std::stop_token& stop) {
  auto query = BaseQuery(account, kInFlightStates, "enqueuedAt");
  if (!query) {
    return std::move(query).error();
  }
  InFlightListing listing;
  api::TaskWalk walk(account.deps.client, *std::move(query), api::PageUse::kInFlight, kMaxPages);
  for (std::uint64_t pages = 0; pages < kMaxPages; ++pages) {
    auto page = walk.Next(stop);
    if (!page) {
      return std::move(page).error();
    }
    if (!*page) {
      return listing;
    }
    if (pages == 0) {
      listing.server_time = (**page).server_time;
    }
    for (Task& task : (**page).tasks) {
      NormaliseQueue(task, (**page).repaired > 0, account.deps.telemetry);
      Add(listing, task);
    }
    if (!(**page).next_cursor) {
      return listing;
    }
  }
  listing.complete = false;
  return listing;
}

void AddStates(InFlightCounts::mapped_type& to, const InFlightCounts::mapped_type& from) {
  for (std::size_t state = 0; state < from.size(); ++state) {
    to[state].tasks += from[state].tasks;
    NoteOldest(to[state], from[state].oldest_enqueued_at);
  }
}

bool IsRefusal(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kForbidden:
    case ErrorKind::kNotFound:
    case ErrorKind::kBadRequest:
    case ErrorKind::kServerError:
    case ErrorKind::kTimeout:
    case ErrorKind::kInvalidResponse:
    case ErrorKind::kCursor:
      return true;
    case ErrorKind::kAuth:
    case ErrorKind::kRateLimited:
    case ErrorKind::kNetwork:
    case ErrorKind::kTls:
    case ErrorKind::kStore:
    case ErrorKind::kInvalidArgument:
    case ErrorKind::kCancelled:
      return false;
  }
  return false;
}

}  // namespace acronis::poll
