#pragma once

namespace acronis::exporter {

/// Makes sure that no core dump and no debugger of the same user shows the process's memory, which
/// holds credentials.
void ForbidDumps();

}  // namespace acronis::exporter
