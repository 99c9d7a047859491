#pragma once

#include <chrono>
#include <functional>

namespace acronis::exporter {

/// Runs `stop` on a thread of its own and waits for it. False when it has not ended after
/// `patience`; it then still runs and uses what it captured, so the process must end with _exit().
bool StopWithin(std::chrono::milliseconds patience, std::function<void()> stop);

/// The time that a stop may take before what hangs is left behind.
inline constexpr std::chrono::milliseconds kStopPatience{1500};

}  // namespace acronis::exporter
