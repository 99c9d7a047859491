#include "exporter/commands/serve.h"

#include <exception>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>

#include "exporter/commands/service.h"
#include "exporter/commands/version.h"

namespace acronis::exporter {
namespace {

void LogStart(StreamLogger& log, const CollectorOptions& options) {
  log.Info("starting", {{"version", Version()},
                        {"revision", Revision()},
                        {"accounts", std::to_string(options.accounts.size())}});
}

}  // namespace

int RunServe(const ServeArguments& arguments, const LogOptions& log_options,
             const CollectorOptions& options, const StopSignals& signals) {
  SystemClock clock;
  StreamLogger log(STDERR_FILENO, log_options, clock);
  LogStart(log, options);
  try {
    auto service = std::make_unique<Service>(
        ServiceOptions{arguments.listen_addresses, arguments.telemetry_path}, options, clock, log);
    service->Start();
    log.Info("stopping", {{"signal", signals.Wait()}});
    StopOrLeave(std::move(service), log);
  } catch (const std::exception& failure) {
    log.Error("cannot start", {{"error", failure.what()}});
    return kExitFailure;
  }
  log.Info("stopped");
  return kExitOk;
}

}  // namespace acronis::exporter
