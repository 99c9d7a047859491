#pragma once

namespace acronis::exporter {

/// The whole program. `environment` as `environ`; the secret in it is overwritten. Returns the
/// exit code; says on standard error what went wrong.
int Run(int argc, const char* const* argv, char** environment);

}  // namespace acronis::exporter
