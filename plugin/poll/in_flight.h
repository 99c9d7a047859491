#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "plugin/core/counts.h"
#include "plugin/core/result.h"
#include "plugin/poll/account.h"

namespace acronis::poll {

/// The tasks not yet completed, by queue and state.
struct InFlightListing {
  InFlightCounts counts{};
  bool complete = true;                    ///< False when the page bound cut it.
  std::optional<TimePoint> server_time{};  ///< Of the first reply.

  std::vector<std::string> Queues() const;
};

/// Asks once for every task in one of the four states before `completed`, oldest first.
Result<InFlightListing> ListInFlight(Account& account, const std::stop_token& stop);

/// Adds the counts of one queue to those of another.
void AddStates(InFlightCounts::mapped_type& to, const InFlightCounts::mapped_type& from);

/// True when the server was reached and did not like this listing: the cycle goes on without it.
bool IsRefusal(ErrorKind kind);

}  // namespace acronis::poll
