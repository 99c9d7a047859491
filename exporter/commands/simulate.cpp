#include "exporter/commands/simulate.h"

#include <filesystem>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>

#include "exporter/commands/simulated_world.h"
#include "exporter/commands/temporary_directory.h"
#include "exporter/config/text_file.h"
#include "plugin/core/clock.h"
#include "plugin/simulator/simulator.h"
#include "plugin/simulator/simulator_server.h"

namespace acronis::exporter {
namespace {

constexpr std::size_t kMaxSecretBytes = 4096;

/// The secret as the exporter reads it: without the line end that editors leave.
Secret ReadSecret(const std::filesystem::path& path) {
  Result<std::string> text = ReadTextFile(path, kMaxSecretBytes);
  if (!text) {
    throw std::runtime_error(path.string() + ": " + text.error().message);
  }
  text->erase(text->find_last_not_of("\r\n") + 1);
  return Secret(*std::move(text));
}

/// Where the secret lies, and the secret.
struct SecretFile {
  std::filesystem::path path;
  Secret secret;
};

SecretFile PrepareSecret(const SimulateArguments& arguments,
                         const std::filesystem::path& directory) {
  if (!arguments.client_secret_file.empty()) {
    return {std::filesystem::absolute(arguments.client_secret_file),
            ReadSecret(arguments.client_secret_file)};
  }
  SecretFile made{std::filesystem::absolute(directory / "client-secret"), MakeUpSecret()};
  WriteSecret(made.path, made.secret);
  return made;
}

void PrintAccount(const simulator::SimulatorServer& server, const std::string& client_id,
                  const std::filesystem::path& secret_file) {
  std::cout << "Simulated Task Manager at " << server.BaseUrl() << "\n"
            << "Faults are switched at " << server.ControlUrl() << "\n\n"
            << "An account for the exporter's configuration file:\n\n"
            << "accounts:\n"
            << "  - name: simulated\n"
            << "    base_url: " << server.BaseUrl() << "\n"
            << "    client_id: " << client_id << "\n"
            << "    client_secret_file: " << secret_file.string() << "\n";
  if (!server.CaFile().empty()) {
    std::cout << "    ca_file: " << std::filesystem::absolute(server.CaFile()).string() << "\n";
  }
  std::cout << "\nCtrl-C ends it." << std::endl;  // NOLINT(performance-avoid-endl): flushed now.
}

simulator::ServerOptions DescribeServer(const SimulateArguments& arguments,
                                        const std::filesystem::path& directory) {
  const HostAndPort api = SplitAddress(arguments.listen_address);
  const HostAndPort control = SplitAddress(arguments.control_address);
  simulator::ServerOptions options;
  options.address = api.host;
  options.port = api.port;
  options.tls = arguments.tls;
  options.directory = directory;
  options.control = true;
  options.control_address = control.host;
  options.control_port = control.port;
  return options;
}

void Simulate(const SimulateArguments& arguments, const StopSignals& signals) {
  std::optional<TemporaryDirectory> temporary;
  if (arguments.directory.empty()) {
    temporary.emplace();
  } else {
    std::filesystem::create_directories(arguments.directory);
  }
  const std::filesystem::path directory = temporary ? temporary->Path() : arguments.directory;
  const SecretFile secret = PrepareSecret(arguments, directory);
  simulator::SimulatorOptions world = DescribeWorld(arguments.world);
  world.client_id = arguments.client_id;
  world.client_secret = secret.secret;
  SystemClock clock;
  simulator::Simulator simulated(world, clock);
  const simulator::SimulatorServer server(simulated, DescribeServer(arguments, directory));
  PrintAccount(server, arguments.client_id, secret.path);
  signals.Wait();
}

}  // namespace

int RunSimulate(const SimulateArguments& arguments, const LogOptions& log_options,
                const StopSignals& signals) {
  try {
    Simulate(arguments, signals);
  } catch (const std::exception& failure) {
    SystemClock clock;
    StreamLogger log(STDERR_FILENO, log_options, clock);
    log.Error("cannot start", {{"error", failure.what()}});
    return kExitFailure;
  }
  return kExitOk;
}

}  // namespace acronis::exporter
