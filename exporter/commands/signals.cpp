#include "exporter/commands/signals.h"

#include <cerrno>

namespace acronis::exporter {

void IgnoreBrokenPipes() {
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;  // NOLINT(cppcoreguidelines-pro-type-cstyle-cast): the macro's.
  sigaction(SIGPIPE, &ignore, nullptr);
}

StopSignals::StopSignals(Hangup hangup) {
  IgnoreBrokenPipes();
  sigemptyset(&set_);
  sigaddset(&set_, SIGINT);
  sigaddset(&set_, SIGTERM);
  if (hangup == Hangup::kReloads) {
    sigaddset(&set_, SIGHUP);
  }
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

const char* StopSignals::Wait(const std::function<void()>& reload) const {
  int signal = 0;
  while (sigwait(&set_, &signal) == EINTR || signal == SIGHUP) {
    if (signal == SIGHUP && reload) {
      reload();
    }
  }
  return signal == SIGINT ? "SIGINT" : "SIGTERM";
}

}  // namespace acronis::exporter
