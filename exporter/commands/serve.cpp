#include "exporter/commands/serve.h"

#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>

#include "exporter/commands/reloader.h"
#include "exporter/commands/service.h"
#include "exporter/commands/service_manager.h"
#include "exporter/commands/version.h"

namespace acronis::exporter {
namespace {

void LogStart(StreamLogger& log, const CollectorOptions& options) {
  log.Info("starting", {{"version", Version()},
                        {"revision", Revision()},
                        {"accounts", std::to_string(options.accounts.size())}});
}

ServiceOptions DescribeService(const WebArguments& web, ConfigLoader load) {
  ServiceOptions service{
      .web = {.listen_addresses = web.listen_addresses,
              .telemetry_path = web.telemetry_path,
              .version = Version(),
              .max_requests = web.max_requests,
              .enable_lifecycle = web.enable_lifecycle},
      .web_config = web.config_file,
      .load = std::move(load),
  };
  if (web.systemd_socket) {
    service.web.listen_addresses.clear();
    service.web.inherited = service_manager::TakeSockets();
    if (service.web.inherited.empty()) {
      throw std::runtime_error(
          "--web.systemd-socket: systemd has passed no socket on; start it by its socket unit, or "
          "use --web.listen-address");
    }
  }
  return service;
}

std::string Describe(Service& service) {
  const EngineHealth health = service.Core().Health();
  return "polling " + std::to_string(health.accounts) + " accounts, " + std::to_string(health.up) +
         " up, " + std::to_string(health.stuck) + " stuck";
}

/// What came of it is in the log and the metrics.
void Reload(Service& service) {
  service_manager::NotifyReloading();
  static_cast<void>(service.Core().Reload());
  service_manager::NotifyReady(Describe(service));
}

/// Until a signal ends it.
std::string Run(Service& service, const StopSignals& signals, Reloader& reloader) {
  service.Start();
  service_manager::NotifyReady(Describe(service));
  std::optional<Watchdog> watchdog;
  if (const auto interval = service_manager::WatchdogInterval()) {
    watchdog.emplace(
        *interval,
        Watchdog::Checks{.is_healthy = [&] { return service.Core().Health().stuck == 0; },
                         .status = [&] { return Describe(service); }});
  }
  std::string signal = signals.Wait([&] { reloader.Request(); });
  service_manager::NotifyStopping();
  return signal;
}

}  // namespace

int RunServe(const ServeArguments& arguments, const LogOptions& log_options,
             const CollectorOptions& options, ServeDeps deps) {
  SystemClock clock;
  StreamLogger log(STDERR_FILENO, log_options, clock);
  LogStart(log, options);
  try {
    auto service = std::make_unique<Service>(DescribeService(arguments.web, std::move(deps.load)),
                                             options, clock, log);
    const auto reloader = std::make_shared<Reloader>([&service = *service] { Reload(service); });
    log.Info("stopping", {{"signal", Run(*service, deps.signals, *reloader)}});
    StopOrLeave(std::move(service), log, [reloader] { reloader->Stop(); });
  } catch (const std::exception& failure) {
    log.Error("cannot start", {{"error", failure.what()}});
    return kExitFailure;
  }
  log.Info("stopped");
  return kExitOk;
}

}  // namespace acronis::exporter
