#pragma once

#include <functional>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigset_t is POSIX, not <csignal>'s.

namespace acronis::exporter {

/// A reader or peer that hangs up is an error of a write from now on, not the end of the process.
void IgnoreBrokenPipes();

/// The signals that end the program, awaited instead of handled.
///
/// Blocks SIGINT and SIGTERM, and SIGHUP if it is to mean a reload, for the calling thread and
/// every thread started from it later, so make one before the first thread. Ignores broken pipes
/// too.
class StopSignals {
 public:
  enum class Hangup { kEnds, kReloads };

  explicit StopSignals(Hangup hangup = Hangup::kEnds);

  /// Waits for one that ends the program. Returns its name. Calls `reload` for each SIGHUP before.
  const char* Wait(const std::function<void()>& reload = {}) const;

 private:
  sigset_t set_{};
};

}  // namespace acronis::exporter
