#include "exporter/commands/hardening.h"

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

}  // namespace acronis::exporter
