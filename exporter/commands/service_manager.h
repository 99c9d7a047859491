#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace acronis::exporter {

/// Talks to the service manager (systemd) that started this process, in the protocol of
/// sd_notify(3). Where there is none, nothing happens. Thread-safe, but for what says otherwise.
namespace service_manager {

/// Listening sockets that were passed on (sd_listen_fds(3)); they are the caller's from now on.
/// Call once, before there are threads: the environment is cleaned of them.
std::vector<int> TakeSockets();

/// Up and serving; also the end of a reload. `status` is a line for people.
void NotifyReady(const std::string& status);
void NotifyReloading();
void NotifyStopping();
/// One line for people, shown by `systemctl status`.
void NotifyStatus(const std::string& status);
void NotifyAlive();

/// Within which NotifyAlive() has to be called; empty when nobody waits for it.
std::optional<std::chrono::nanoseconds> WatchdogInterval();

}  // namespace service_manager

/// Tells the service manager twice in its interval that the process is alive, as long as
/// `is_healthy` says so, and what to show of it. Ends with its destruction.
class Watchdog {
 public:
  struct Checks {
    std::function<bool()> is_healthy;
    std::function<std::string()> status;
  };

  Watchdog(std::chrono::nanoseconds interval, Checks checks);

 private:
  std::jthread thread_;
};

}  // namespace acronis::exporter
