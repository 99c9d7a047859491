#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "plugin/core/clock.h"
#include "plugin/simulator/fault_board.h"
#include "plugin/simulator/http_message.h"
#include "plugin/simulator/simulator_options.h"

namespace acronis::simulator {

/// The fault of that name, or null.
const Fault* FindFault(const std::vector<Fault>& faults, std::string_view name);

/// The value of a fault as a number; 0 when it is none.
std::int64_t FaultNumber(const Fault& fault);

/// The answer that a fault gives in the place of the real one, if one does.
std::optional<Reply> ReplyInstead(const std::vector<Fault>& faults, const Request& request,
                                  TimePoint now, ErrorBodyStyle style);

/// What faults do to the finished answer: its body, its headers, its way over the wire.
void SpoilReply(const std::vector<Fault>& faults, const Request& request, Reply& reply);

/// `Wed, 22 Apr 2020 11:00:00 GMT`.
std::string FormatHttpDate(TimePoint time);

}  // namespace acronis::simulator
