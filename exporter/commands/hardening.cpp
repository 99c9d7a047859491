#include "exporter/commands/hardening.h"

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace acronis::exporter {

void ForbidDumps() {
  // Neither can fail with these arguments.
  constexpr rlimit kNoCore{};
  setrlimit(RLIMIT_CORE, &kNoCore);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): there is no other way in.
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void ReturnFreedMemory() {
  // Left alone, glibc learns from the first page of many megabytes that such are usual, and keeps
  // up to 64 MiB of them for the next one.
  constexpr int kLarge = 4 << 20;
  // NOLINTBEGIN(concurrency-mt-unsafe): there are no other threads yet.
  mallopt(M_MMAP_THRESHOLD, kLarge);
  mallopt(M_TRIM_THRESHOLD, 2 * kLarge);
  // NOLINTEND(concurrency-mt-unsafe)
}

}  // namespace acronis::exporter
