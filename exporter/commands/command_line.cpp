#include "exporter/commands/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/commands/check_report.h"
#include "exporter/commands/flags.h"
#include "exporter/commands/version.h"

namespace acronis::exporter {
namespace {

constexpr const char* kExamples = R"(
Examples:
  # a simulated account, no credentials needed
  acronis_task_exporter demo

  # one account from the environment
  ACRONIS_BASE_URL=https://eu2-cloud.acronis.com ACRONIS_CLIENT_ID=... \
  ACRONIS_CLIENT_SECRET_FILE=/run/secrets/acronis acronis_task_exporter

  # several accounts; the check starts nothing
  acronis_task_exporter --config.file=/etc/acronis-task-exporter/config.yaml --config.check
  acronis_task_exporter --config.file=/etc/acronis-task-exporter/config.yaml

  # what failed since a moment, for a spreadsheet
  acronis_task_exporter list --completed-at 'gt(2020-04-22T11:00:00Z)' --result-code error --format csv

Exit codes: 0 done, 1 failed, 2 wrong command line; those of check are Nagios's.)";

constexpr std::size_t kHelpColumn = 40;

/// The parser and everything it writes into. Not movable: the parser points into it.
struct Grammar {
  Grammar();

  void AddLog();
  void AddServe(CLI::App& to);

  CommandLine Result() const;
  StreamArguments Stream(const std::optional<std::filesystem::path>& file) const;
  /// A flag that was given before a sub-command which does not have it; empty when there is none.
  std::string StrayFlag() const;
  /// Flags that do not go together; empty when all do.
  std::string Contradiction() const;

  CLI::App app{"Counts completed tasks of Acronis Cyber Protect Cloud for Prometheus.",
               "acronis_task_exporter"};
  CLI::App* serve = nullptr;
  CLI::App* list = nullptr;
  CLI::App* check = nullptr;
  CLI::App* stream = nullptr;
  CLI::App* simulate = nullptr;
  CLI::App* demo = nullptr;
  CLI::App* store = nullptr;

  LogOptions log{};
  std::string config_file{};
  std::string telemetry_path = "/metrics";
  std::string store_path{};
  ServeArguments serve_arguments{};
  ListArguments list_arguments{};
  CheckArguments check_arguments{};
  StreamArguments stream_arguments{};
  SimulateArguments simulate_arguments{};
  DemoArguments demo_arguments{};
  StoreArguments store_arguments{};
};

Grammar::Grammar() {
  app.footer(kExamples);
  app.set_help_flag("-h,--help", "Show this help (of a sub-command: SUB-COMMAND --help)");
  app.set_version_flag(
      "--version", [] { return VersionText(); }, "Show version and libraries");
  app.require_subcommand(0, 1);
  app.get_formatter()->column_width(kHelpColumn);
  app.fallthrough(false);
  AddLog();
  AddServe(app);
  serve = app.add_subcommand("serve", "Poll and serve metrics (what happens without sub-command)");
  AddServe(*serve);
  list = AddListCommand(app, list_arguments, config_file);
  check = AddCheckCommand(app, check_arguments, config_file);
  stream = AddStreamCommand(app, stream_arguments, config_file, store_path);
  simulate = AddSimulateCommand(app, simulate_arguments);
  demo = AddDemoCommand(app, demo_arguments, telemetry_path);
  store = AddStoreCommand(app, store_arguments, config_file, store_path);
  for (CLI::App* sub : {serve, simulate, demo}) {
    sub->footer("Exit codes: 0 ended by SIGINT or SIGTERM, 1 failed, 2 wrong command line.");
  }
  for (CLI::App* sub : {serve, list, check, stream, simulate, demo, store}) {
    sub->fallthrough();
    sub->set_help_flag("-h,--help", "Show this help");
  }
}

void Grammar::AddLog() {
  AddChoice<LogLevel>(app, "--log.level", log.level,
                      {{"debug", LogLevel::kDebug},
                       {"info", LogLevel::kInfo},
                       {"warn", LogLevel::kWarn},
                       {"error", LogLevel::kError}},
                      "Least level to log")
      ->default_str("info");
  AddChoice<LogFormat>(app, "--log.format", log.format,
                       {{"logfmt", LogFormat::kLogfmt},
                        {"json", LogFormat::kJson},
                        {"telegraf", LogFormat::kTelegraf},
                        {"netdata", LogFormat::kNetdata},
                        {"collectd", LogFormat::kCollectd}},
                       "Form of log lines; stream takes that of the agent if it is not given")
      ->default_str("logfmt");
}

void Grammar::AddServe(CLI::App& to) {
  AddConfigFile(to, config_file);
  to.add_flag("--config.check", serve_arguments.check_only,
              "Check the configuration, say what is wrong with it, and end");
  AddWeb(to, serve_arguments.web, telemetry_path);
  AddStorePath(to, store_path);
}

std::string Grammar::StrayFlag() const {
  const auto used = app.get_subcommands();
  if (used.empty() || used.front() == serve) {
    return {};
  }
  for (const CLI::Option* option : app.get_options()) {
    std::string name = option->get_name();
    const bool everywhere = name.starts_with("--log.") || name == "--help" || name == "--version";
    if (option->count() > 0 && !everywhere && used.front()->get_option_no_throw(name) == nullptr) {
      return name;
    }
  }
  return {};
}

/// What the agent makes something of when it reads it from standard error.
LogFormat LogFormatFor(StreamFormat format) {
  switch (format) {
    case StreamFormat::kInflux:
      return LogFormat::kTelegraf;
    case StreamFormat::kNetdata:
      return LogFormat::kNetdata;
    case StreamFormat::kCollectd:
      return LogFormat::kCollectd;
    case StreamFormat::kPrometheus:
      return LogFormat::kLogfmt;
  }
  return LogFormat::kLogfmt;
}

std::string Grammar::Contradiction() const {
  if (stream->count("--output") > 0 && stream_arguments.format != StreamFormat::kPrometheus) {
    return "--output is for --format=prometheus alone";
  }
  if (stream->count("--from") > 0 && !(config_file.empty() && store_path.empty())) {
    return "--from asks an exporter that polls; --config.file and --store.path are for polling";
  }
  return {};
}

StreamArguments Grammar::Stream(const std::optional<std::filesystem::path>& file) const {
  StreamArguments arguments = stream_arguments;
  arguments.config_file = file;
  arguments.store_path = store_path;
  if (stream->count("--trigger") == 0 && arguments.format == StreamFormat::kInflux) {
    arguments.trigger = StreamTrigger::kStdin;
  }
  return arguments;
}

CommandLine Grammar::Result() const {
  CommandLine line{.log = log};
  const std::optional<std::filesystem::path> file =
      config_file.empty() ? std::nullopt : std::optional<std::filesystem::path>(config_file);
  if (list->parsed()) {
    line.command = list_arguments;
    std::get<ListArguments>(line.command).config_file = file;
  } else if (check->parsed()) {
    line.command = check_arguments;
    std::get<CheckArguments>(line.command).config_file = file;
  } else if (stream->parsed()) {
    line.command = Stream(file);
    if (app.count("--log.format") == 0) {
      line.log.format = LogFormatFor(stream_arguments.format);
    }
  } else if (simulate->parsed()) {
    line.command = simulate_arguments;
  } else if (demo->parsed()) {
    line.command = demo_arguments;
    std::get<DemoArguments>(line.command).telemetry_path = telemetry_path;
  } else if (store->parsed()) {
    line.command = store_arguments;
    std::get<StoreArguments>(line.command).config_file = file;
    std::get<StoreArguments>(line.command).store_path = store_path;
  } else {
    line.command = serve_arguments;
    std::get<ServeArguments>(line.command).config_file = file;
    std::get<ServeArguments>(line.command).web.telemetry_path = telemetry_path;
    std::get<ServeArguments>(line.command).store_path = store_path;
  }
  return line;
}

/// Who runs checks reads standard output; a script of Zabbix's gives a number or nothing there.
Answer UsageError(const std::string& message, const CLI::App& check) {
  const bool for_zabbix = check.count("--value") + check.count("--lld") > 0;
  if (check.parsed() && !for_zabbix) {
    return {static_cast<int>(CheckState::kUnknown), UnknownReport(message)};
  }
  return {check.parsed() ? kExitFailure : kExitUsage,
          "acronis_task_exporter: " + message + "\nTry acronis_task_exporter --help\n", true};
}

/// `--flag=` as two words: CLI11 takes the next word for the value of a flag that has an empty one.
std::vector<std::string> WithEmptyValues(std::span<const char* const> arguments) {
  std::vector<std::string> words;
  for (const std::string_view argument : arguments) {
    if (argument.starts_with("--") && argument.find('=') == argument.size() - 1) {
      words.emplace_back(argument.substr(0, argument.size() - 1));
      words.emplace_back();
    } else {
      words.emplace_back(argument);
    }
  }
  return words;
}

}  // namespace

std::variant<CommandLine, Answer> ParseCommandLine(int argc, const char* const* argv) {
  Grammar grammar;
  try {
    auto words = WithEmptyValues(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
    std::reverse(words.begin(), words.end());
    grammar.app.parse(words);
  } catch (const CLI::CallForHelp&) {
    return Answer{kExitOk, grammar.app.help()};
  } catch (const CLI::CallForVersion& version) {
    return Answer{kExitOk, version.what()};
  } catch (const CLI::ParseError& error) {
    return UsageError(error.what(), *grammar.check);
  }
  if (const std::string stray = grammar.StrayFlag(); !stray.empty()) {
    return UsageError(
        stray + " is not a flag of " + grammar.app.get_subcommands().front()->get_name(),
        *grammar.check);
  }
  if (const std::string message = grammar.Contradiction(); !message.empty()) {
    return UsageError(message, *grammar.check);
  }
  return grammar.Result();
}

std::vector<std::string> KnownFlags() {
  const Grammar grammar;
  std::vector<std::string> flags;
  const auto add = [&flags](const CLI::App& app, const std::string& prefix) {
    for (const CLI::Option* option : app.get_options()) {
      flags.push_back(prefix + option->get_name());
    }
  };
  add(grammar.app, "");
  for (const CLI::App* sub : {grammar.list, grammar.check, grammar.stream, grammar.simulate,
                              grammar.demo, grammar.store}) {
    add(*sub, sub->get_name() + " ");
  }
  return flags;
}

}  // namespace acronis::exporter
