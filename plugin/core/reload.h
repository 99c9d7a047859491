#pragma once

#include "plugin/core/options.h"
#include "plugin/core/result.h"

namespace acronis {

/// Whether options can be taken over while those of `running` are in use. Refused when something
/// else changes than accounts, `poll` and `metrics.success_codes`: the message is `KEY: ...` and
/// says that it needs a restart, and what to keep. Paths are compared as they are written.
Status CheckReloadable(const CollectorOptions& running, const CollectorOptions& wanted);

}  // namespace acronis
