#include <string>

#include "exporter/commands/flags.h"
#include "plugin/core/duration.h"

namespace acronis::exporter {
namespace {

constexpr const char* kStreamExamples = R"(
Examples:
  # Telegraf, inputs.execd with signal = "STDIN"; it polls and keeps a store of its own
  acronis_task_exporter stream --format=influx --store.path=/var/lib/telegraf/acronis.db

  # netdata and collectd, with the values of an exporter that runs already
  acronis_task_exporter stream --format=netdata --interval=10s --from=http://127.0.0.1:10977
  acronis_task_exporter stream --format=collectd --from=http://127.0.0.1:10977

  # node_exporter's textfile collector
  acronis_task_exporter stream --format=prometheus --interval=15s \
    --output=/var/lib/prometheus/node-exporter/acronis_tasks.prom

Standard output is for metrics alone; logs go to standard error, in the agent's form. A process that
polls owns its store: use --from where an exporter runs already, else a store of its own.
Exit codes: 0 ended by a signal, the end of standard input or a reader that has gone, 1 failed, 2
wrong command line.)";

/// A whole second at least: agents count in seconds.
std::string CheckInterval(const std::string& text) {
  const auto duration = ParseDuration(text);
  return duration && *duration >= std::chrono::seconds(1)
             ? std::string()
             : "'" + text + "' is not accepted: must be 1s or more, " + std::string(kDurationForm);
}

std::string CheckOutputPath(const std::string& path) {
  return path.ends_with(".prom") ? std::string()
                                 : "'" + path +
                                       "' is not accepted: must end in .prom, other files are not "
                                       "read by the textfile collector";
}

/// When there is a batch.
void AddWhen(CLI::App& to, StreamArguments& arguments) {
  to.add_option_function<std::string>(
        "--trigger",
        [&arguments](const std::string& word) {
          arguments.trigger = word == "stdin" ? StreamTrigger::kStdin : StreamTrigger::kInterval;
        },
        "What asks for a batch: interval, or stdin: each line of standard input (default: stdin "
        "for influx, else interval)")
      ->check(CLI::IsMember({"interval", "stdin"}))
      ->type_name("WORD");
  to.add_option_function<std::string>(
        "--interval",
        [&arguments](const std::string& text) { arguments.interval = *ParseDuration(text); },
        "Time between batches; if not given that of the agent (COLLECTD_INTERVAL, "
        "NETDATA_UPDATE_EVERY), else 10s")
      ->check(CheckInterval)
      ->type_name("DURATION");
}

}  // namespace

CLI::App* AddStreamCommand(CLI::App& to, StreamArguments& arguments, std::string& config_file,
                           std::string& store_path) {
  CLI::App* const stream =
      to.add_subcommand("stream", "Write metrics for an agent that reads them");
  stream->footer(kStreamExamples);
  AddConfigFile(*stream, config_file);
  AddStorePath(*stream, store_path);
  AddChoice<StreamFormat>(*stream, "--format", arguments.format,
                          {{"influx", StreamFormat::kInflux},
                           {"netdata", StreamFormat::kNetdata},
                           {"collectd", StreamFormat::kCollectd},
                           {"prometheus", StreamFormat::kPrometheus}},
                          "What the agent reads")
      ->required();
  AddWhen(*stream, arguments);
  stream->add_option("--output", arguments.output, "A .prom file instead of standard output")
      ->check(CheckOutputPath)
      ->type_name("FILE");
  AddSuccessCodes(*stream, arguments.success_codes);
  AddFrom(*stream, arguments.from);
  return stream;
}

}  // namespace acronis::exporter
