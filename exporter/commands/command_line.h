#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "exporter/commands/list_format.h"
#include "exporter/commands/nagios_range.h"
#include "exporter/log/stream_logger.h"
#include "exporter/stream/batch.h"
#include "plugin/task_reader.h"

namespace acronis::exporter {

/// How the program ends. The same for every sub-command.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure =
    1;                                ///< It was asked for something sensible and could not do it.
inline constexpr int kExitUsage = 2;  ///< The command line is wrong; nothing was done.

/// Where and how metrics are served.
struct WebArguments {
  std::vector<std::string> listen_addresses{":10977"};
  std::string telemetry_path = "/metrics";
  std::filesystem::path config_file{};  ///< TLS, passwords, headers; empty: none of them.
  bool systemd_socket = false;          ///< Listen on what systemd passes on, and nowhere else.
  std::uint64_t max_requests = 40;
  bool enable_lifecycle = false;
};

struct ServeArguments {
  WebArguments web{};
  std::optional<std::filesystem::path> config_file{};
  std::filesystem::path store_path{};  ///< Empty: what the configuration says, or the usual place.
  bool check_only = false;
};

struct ListArguments {
  std::optional<std::filesystem::path> config_file{};
  std::string account{};  ///< Empty: the only one.
  ListFormat format = ListFormat::kTable;
  TaskReadRequest request{};
};

/// The page of a running exporter: `--from` and what belongs to it.
struct FromArguments {
  std::string url{};  ///< Empty: not given.
  std::string username{};
  std::filesystem::path password_file{};
  std::filesystem::path ca_file{};
  std::filesystem::path cert_file{};
  std::filesystem::path key_file{};
};

enum class CheckOutput { kReport, kValue, kDiscovery };

struct CheckArguments {
  std::optional<std::filesystem::path> config_file{};
  FromArguments from{};
  std::string account{};                     ///< Empty: all.
  std::vector<std::string> queues{};         ///< Empty: all.
  std::vector<std::string> result_codes{};   ///< Empty: all but the success codes.
  std::vector<std::string> success_codes{};  ///< Empty: the configuration's, or the usual ones.
  std::chrono::nanoseconds since = std::chrono::hours(1);
  std::chrono::nanoseconds timeout = std::chrono::seconds(10);
  std::optional<NagiosRange> warning{};
  std::optional<NagiosRange> critical{};
  std::filesystem::path state_directory{};  ///< Empty: the usual place.
  CheckOutput output = CheckOutput::kReport;
};

/// What asks a stream for a batch.
enum class StreamTrigger { kStdin, kInterval };

struct StreamArguments {
  std::optional<std::filesystem::path> config_file{};
  std::filesystem::path store_path{};
  FromArguments from{};  ///< Without it the process polls.
  StreamFormat format = StreamFormat::kPrometheus;
  StreamTrigger trigger = StreamTrigger::kInterval;
  std::optional<std::chrono::nanoseconds> interval{};  ///< 1 s or more; none: the agent's, or 10 s.
  std::filesystem::path output{};                      ///< Empty: standard output.
  /// Empty: the configuration's, or the usual ones.
  std::vector<std::string> success_codes{};
};

/// The simulated world of `simulate` and `demo`.
struct WorldArguments {
  std::uint64_t seed = 1;
  std::chrono::nanoseconds history = std::chrono::hours(24);
  double rate = 1.0;
  int queues = 40;
  int tenants = 200;
  bool bad_night = false;
};

struct SimulateArguments {
  std::string listen_address = "127.0.0.1:8443";
  std::string control_address = "127.0.0.1:0";
  WorldArguments world{};
  std::string client_id = "simulated-client";
  std::filesystem::path client_secret_file{};  ///< Empty: one is made up and written down.
  bool tls = true;
  std::filesystem::path directory{};  ///< Empty: a temporary one.
};

struct DemoArguments {
  std::vector<std::string> listen_addresses{};  ///< Empty: kDemoAddress, or any free port.
  std::string telemetry_path = "/metrics";
  WorldArguments world{};
};
inline constexpr const char* kDemoAddress = "127.0.0.1:10977";

enum class StoreAction { kCheck, kStats, kExport, kNewEpoch, kAcceptAccount };

struct StoreArguments {
  StoreAction action = StoreAction::kCheck;
  std::string account{};  ///< Of kAcceptAccount.
  std::optional<std::filesystem::path> config_file{};
  std::filesystem::path store_path{};
};

struct CommandLine {
  LogOptions log{};
  std::variant<ServeArguments, ListArguments, CheckArguments, StreamArguments, SimulateArguments,
               DemoArguments, StoreArguments>
      command{};
};

/// The command line was answered by a text alone: help, version, or what is wrong with it.
struct Answer {
  int exit_code = kExitOk;
  std::string text{};
  bool is_error = false;  ///< For standard error, not standard output.
};

/// Reads the command line. Filters of `list` are taken as they are and checked elsewhere.
std::variant<CommandLine, Answer> ParseCommandLine(int argc, const char* const* argv);

/// Every flag there is, `--web.listen-address` or `list --order`; for the check of the
/// documentation.
std::vector<std::string> KnownFlags();

}  // namespace acronis::exporter
