#pragma once

namespace acronis::exporter {

/// Lets all threads share few heaps. The C library gives each a heap of its own, up to eight for
/// each processor, and every one of them keeps room for the largest page that a thread has ever
/// read; there is a thread for each account, but few of them read at the same time. To be called
/// before the first thread is started.
void ShareHeaps();

}  // namespace acronis::exporter
