#pragma once

#include <functional>

#include "plugin/simulator/http_message.h"
#include "plugin/simulator/simulator.h"

namespace acronis::simulator {

/// Answers the control requests: `/faults`, `/faults/NAME`, `/truth`, `/traffic`,
/// `/tasks`, `/revoke`, `/hangup`. `hang_up` closes the connections of the clients, if there are
/// any. Thread-safe; never throws for what a client sends.
Reply HandleControl(Simulator& simulator, const Request& request,
                    const std::function<void()>& hang_up = {});

}  // namespace acronis::simulator
