#pragma once

#include "plugin/simulator/http_message.h"
#include "plugin/simulator/simulator.h"

namespace acronis::simulator {

/// Answers the control requests: `/faults`, `/faults/NAME`, `/truth`, `/traffic`,
/// `/tasks`, `/revoke`.
/// Thread-safe; never throws for what a client sends.
Reply HandleControl(Simulator& simulator, const Request& request);

}  // namespace acronis::simulator
