#include "exporter/commands/signals.h"

#include <cerrno>

namespace acronis::exporter {

void IgnoreBrokenPipes() {
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;  // NOLINT(cppcoreguidelines-pro-type-cstyle-cast): the macro's.
  sigaction(SIGPIPE, &ignore, nullptr);
}

StopSignals::StopSignals() {
  IgnoreBrokenPipes();
  sigemptyset(&set_);
  sigaddset(&set_, SIGINT);
  sigaddset(&set_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

const char* StopSignals::Wait() const {
  int signal = 0;
  while (sigwait(&set_, &signal) == EINTR) {
  }
  return signal == SIGINT ? "SIGINT" : "SIGTERM";
}

}  // namespace acronis::exporter
