#pragma once

namespace acronis::exporter {

/// Makes sure that no core dump and no debugger of the same user shows the process's memory, which
/// holds credentials.
void ForbidDumps();

/// Makes the heap give the memory of large answers back to the system. Before there are threads.
void ReturnFreedMemory();

}  // namespace acronis::exporter
