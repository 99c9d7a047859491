#include "exporter/commands/service_manager.h"

#include <cstddef>
#include <cstdint>
#include <systemd/sd-daemon.h>
#include <utility>

#include "plugin/core/clock.h"

namespace acronis::exporter {
namespace {

void Notify(const std::string& state) {
  sd_notify(0, state.c_str());
}

/// A line feed would begin another variable.
std::string OneLine(std::string text) {
  for (char& c : text) {
    c = c == '\n' ? ' ' : c;
  }
  return text;
}

}  // namespace

namespace service_manager {

std::vector<int> TakeSockets() {
  const int count = sd_listen_fds(1);
  std::vector<int> sockets;
  sockets.reserve(static_cast<std::size_t>(count > 0 ? count : 0));
  for (int i = 0; i < count; ++i) {
    sockets.push_back(SD_LISTEN_FDS_START + i);
  }
  return sockets;
}

void NotifyReady(const std::string& status) {
  Notify("READY=1\nSTATUS=" + OneLine(status));
}

void NotifyReloading() {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      SystemClock().Monotonic().time_since_epoch());
  Notify("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count()));
}

void NotifyStopping() {
  Notify("STOPPING=1");
}

void NotifyStatus(const std::string& status) {
  Notify("STATUS=" + OneLine(status));
}

void NotifyAlive() {
  Notify("WATCHDOG=1");
}

std::optional<std::chrono::nanoseconds> WatchdogInterval() {
  std::uint64_t interval = 0;
  if (sd_watchdog_enabled(0, &interval) <= 0) {
    return std::nullopt;
  }
  return std::chrono::microseconds(interval);
}

}  // namespace service_manager

Watchdog::Watchdog(std::chrono::nanoseconds interval, Checks checks)
    : thread_([pause = interval / 2, checks = std::move(checks)](const std::stop_token& stop) {
        SystemClock clock;
        do {
          service_manager::NotifyStatus(checks.status());
          if (checks.is_healthy()) {
            service_manager::NotifyAlive();
          }
        } while (clock.SleepFor(pause, stop));
      }) {}

}  // namespace acronis::exporter
