#include <string>

#include "exporter/commands/flags.h"
#include "plugin/core/duration.h"

namespace acronis::exporter {
namespace {

void AddWorld(CLI::App& to, WorldArguments& world) {
  to.add_option("--seed", world.seed, "Same seed, same tasks")
      ->check(CheckCount)
      ->type_name("NUMBER")
      ->capture_default_str();
  to.add_option_function<std::string>(
        "--history", [&world](const std::string& text) { world.history = *ParseDuration(text); },
        "How much of the past exists at the start")
      ->check(CheckDuration)
      ->type_name("DURATION")
      ->default_str("1d");
  to.add_option("--rate", world.rate, "New tasks per second")
      ->check(CLI::Range(0.0, 10000.0))
      ->type_name("NUMBER")
      ->capture_default_str();
  to.add_option("--queues", world.queues, "Number of queues")
      ->check(CLI::Range(1, 1000))
      ->type_name("NUMBER")
      ->capture_default_str();
  to.add_option("--tenants", world.tenants, "Number of tenants")
      ->check(CLI::Range(1, 100000))
      ->type_name("NUMBER")
      ->capture_default_str();
  AddChoice<bool>(to, "--scenario", world.bad_night, {{"normal", false}, {"bad-night", true}},
                  "bad-night: most backups fail between 22:00 and 06:00 UTC")
      ->default_str("normal");
}

}  // namespace

CLI::App* AddSimulateCommand(CLI::App& to, SimulateArguments& arguments) {
  CLI::App* const simulate =
      to.add_subcommand("simulate", "Run a simulated Task Manager to test against");
  simulate->add_option("--listen-address", arguments.listen_address, "Where to serve the API")
      ->check(CheckAddress)
      ->type_name("HOST:PORT")
      ->capture_default_str();
  simulate
      ->add_option("--control-address", arguments.control_address,
                   "Where to switch faults; loopback only, port 0 picks a free one")
      ->check(CheckAddress)
      ->type_name("HOST:PORT")
      ->capture_default_str();
  AddWorld(*simulate, arguments.world);
  simulate->add_option("--client-id", arguments.client_id, "Id of the API client to accept")
      ->type_name("ID")
      ->capture_default_str();
  simulate
      ->add_option("--client-secret-file", arguments.client_secret_file,
                   "File with its secret; without it one is made up and written to the directory")
      ->type_name("FILE");
  simulate->add_flag_callback(
      "--no-tls", [&arguments] { arguments.tls = false; }, "Serve plain HTTP");
  simulate
      ->add_option(
          "--directory", arguments.directory,
          "Where the CA, the certificate and a made-up secret go; default: a temporary one")
      ->type_name("DIRECTORY");
  return simulate;
}

CLI::App* AddDemoCommand(CLI::App& to, DemoArguments& arguments, std::string& telemetry_path) {
  CLI::App* const demo = to.add_subcommand(
      "demo", "Simulated Task Manager and exporter in one process; no account needed");
  OnePerFlag(demo->add_option("--web.listen-address", arguments.listen_addresses,
                              "Where to serve; may be given several times")
                 ->check(CheckAddress)
                 ->type_name("[HOST]:PORT")
                 ->default_str(std::string(kDemoAddress) + ", or any free port"));
  AddTelemetryPath(*demo, telemetry_path);
  AddWorld(*demo, arguments.world);
  return demo;
}

}  // namespace acronis::exporter
