#include "exporter/commands/demo.h"

#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>

#include "exporter/commands/service.h"
#include "exporter/commands/simulated_world.h"
#include "exporter/commands/temporary_directory.h"
#include "exporter/commands/version.h"
#include "plugin/core/clock.h"
#include "plugin/simulator/simulator.h"
#include "plugin/simulator/simulator_server.h"

namespace acronis::exporter {
namespace {

/// Often enough to watch the numbers move.
constexpr std::chrono::seconds kDemoInterval{5};
constexpr std::chrono::seconds kDemoHold{15};
/// Nobody else uses the simulated server, and its whole past should show at once.
constexpr int kDemoPageSize = 1000;
constexpr int kDemoRequestsPerMinute = 60000;

CollectorOptions DescribeCollector(const DemoArguments& arguments,
                                   const simulator::SimulatorServer& server,
                                   const simulator::SimulatorOptions& world,
                                   const TemporaryDirectory& directory) {
  AccountOptions account;
  account.name = "demo";
  account.base_url = server.BaseUrl();
  account.client_id = world.client_id;
  account.client_secret = world.client_secret;
  account.ca_file = server.CaFile();
  account.poll.interval = kDemoInterval;
  account.poll.page_size = kDemoPageSize;
  account.poll.max_requests_per_minute = kDemoRequestsPerMinute;
  account.poll.start.value = arguments.world.history;
  if (const Status result = CheckAccount(account); !result) {
    throw std::runtime_error(result.error().message);
  }
  CollectorOptions options;
  options.accounts.push_back(std::move(account));
  options.metrics.series_hold = kDemoHold;
  options.store.path = directory.Path() / "ledger.db";
  options.user_agent = UserAgent();
  return options;
}

/// At the address asked for, else at the usual one, else at any free port.
std::unique_ptr<Service> StartService(const DemoArguments& arguments,
                                      const CollectorOptions& options, Clock& clock,
                                      StreamLogger& log) {
  const auto start = [&](std::vector<std::string> addresses) {
    ServiceOptions service{.web = {.listen_addresses = std::move(addresses),
                                   .telemetry_path = arguments.telemetry_path,
                                   .version = Version()},
                           .load = [options] { return options; }};
    return std::make_unique<Service>(service, options, clock, log);
  };
  if (!arguments.listen_addresses.empty()) {
    return start(arguments.listen_addresses);
  }
  try {
    return start({kDemoAddress});
  } catch (const ListenError& taken) {
    log.Warn("the usual address is taken, a free port is used", {{"error", taken.what()}});
    return start({"127.0.0.1:0"});
  }
}

/// What a browser on this machine can open.
std::string Reachable(const std::string& address) {
  for (const std::string_view any : {"[::]:", "0.0.0.0:"}) {
    if (address.starts_with(any)) {
      return "localhost:" + address.substr(any.size());
    }
  }
  return address;
}

void PrintWhereToLook(const std::string& address, const std::string& path,
                      const simulator::SimulatorServer& server) {
  std::cout << "Simulated Task Manager  " << server.BaseUrl() << "\n"
            << "Metrics                 http://" << address << path << "\n"
            << "Overview                http://" << address << "/\n\n"
            << "To scrape it, paste into prometheus.yml:\n\n"
            << "scrape_configs:\n"
            << "  - job_name: acronis\n";
  if (path != "/metrics") {
    std::cout << "    metrics_path: " << path << "\n";
  }
  std::cout << "    static_configs:\n"
            << "      - targets: ['" << address << "']\n\n"
            << "Ctrl-C ends it." << std::endl;  // NOLINT(performance-avoid-endl): flushed now.
}

void Demo(const DemoArguments& arguments, StreamLogger& log, Clock& clock,
          const StopSignals& signals) {
  const TemporaryDirectory directory;
  simulator::SimulatorOptions world = DescribeWorld(arguments.world);
  world.client_secret = MakeUpSecret();
  simulator::Simulator simulated(world, clock);
  simulator::ServerOptions server_options;
  server_options.directory = directory.Path();
  const simulator::SimulatorServer server(simulated, server_options);
  auto service =
      StartService(arguments, DescribeCollector(arguments, server, world, directory), clock, log);
  service->Start();
  PrintWhereToLook(Reachable(service->Addresses().front()), arguments.telemetry_path, server);
  signals.Wait();
  StopOrLeave(std::move(service), log);
}

}  // namespace

int RunDemo(const DemoArguments& arguments, const LogOptions& log_options,
            const StopSignals& signals) {
  SystemClock clock;
  StreamLogger log(STDERR_FILENO, log_options, clock);
  try {
    Demo(arguments, log, clock, signals);
  } catch (const std::exception& failure) {
    log.Error("cannot start", {{"error", failure.what()}});
    return kExitFailure;
  }
  return kExitOk;
}

}  // namespace acronis::exporter
