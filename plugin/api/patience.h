#pragma once

#include <chrono>
#include <string>

#include "plugin/core/result.h"

namespace acronis::api {

/// Wakes a thread that waits in poll(). Trigger() may be called from any thread.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  void Trigger() const noexcept;
  void Reset() const noexcept;
  int Fd() const { return fd_; }

 private:
  int fd_;
};

/// How long one call may wait for a socket: until its deadline, or until it is interrupted.
/// Sockets tell the time by the machine's own clock.
class Patience {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Patience(const Interrupt& interrupt, Time deadline)
      : interrupt_(&interrupt), deadline_(deadline) {}

  /// The same, with at most `limit` from now on.
  Patience AtMost(std::chrono::nanoseconds limit) const;
  std::chrono::nanoseconds Left() const;

  /// kTimeout or kCancelled if it is time to give up, also where nothing had to be waited for.
  Status Check(const std::string& what) const;
  /// Waits until `fd` is ready for one of `events` (poll's). kTimeout and kCancelled otherwise;
  /// `what` names in the message what was waited for.
  Status Wait(int fd, short events, const std::string& what) const;

 private:
  const Interrupt* interrupt_;
  Time deadline_;
};

}  // namespace acronis::api
