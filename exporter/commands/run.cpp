#include "exporter/commands/run.h"

#include <iostream>
#include <string>
#include <unistd.h>
#include <utility>
#include <variant>

#include "exporter/commands/check.h"
#include "exporter/commands/command_line.h"
#include "exporter/commands/demo.h"
#include "exporter/commands/from.h"
#include "exporter/commands/hardening.h"
#include "exporter/commands/heap.h"
#include "exporter/commands/list.h"
#include "exporter/commands/serve.h"
#include "exporter/commands/signals.h"
#include "exporter/commands/simulate.h"
#include "exporter/commands/store.h"
#include "exporter/commands/stream.h"
#include "exporter/commands/version.h"
#include "exporter/config/environment.h"
#include "exporter/config/web_config.h"

namespace acronis::exporter {
namespace {

constexpr std::string_view kPrefix = "acronis_task_exporter: ";

/// What the file or the environment says, with what the program itself adds. Of `serve` or
/// `stream`.
template <typename Arguments>
Result<CollectorOptions> LoadForPolling(const Arguments& arguments,
                                        const Environment& environment) {
  Result<CollectorOptions> options = LoadConfig(arguments.config_file, environment);
  if (options) {
    options->user_agent = UserAgent();
    ChooseStore(arguments.store_path, environment.directories, options->store);
  }
  return options;
}

int RefuseConfiguration(const Error& error) {
  std::cerr << kPrefix << "the configuration cannot be used\n" << error.message << '\n';
  return kExitFailure;
}

int CheckOnly(const ServeArguments& arguments, const CollectorOptions& options) {
  if (!arguments.web.config_file.empty()) {
    if (const auto web = LoadWebConfig(arguments.web.config_file); !web) {
      return RefuseConfiguration(web.error());
    }
  }
  std::cout << "the configuration is good: accounts " << options.accounts.size() << '\n';
  return kExitOk;
}

int Serve(const ServeArguments& arguments, const LogOptions& log, const Environment& environment) {
  ForbidDumps();
  ShareHeaps();
  ReturnFreedMemory();
  const auto load = [&] { return LoadForPolling(arguments, environment); };
  const Result<CollectorOptions> options = load();
  if (!options) {
    return RefuseConfiguration(options.error());
  }
  if (arguments.check_only) {
    return CheckOnly(arguments, *options);
  }
  const StopSignals signals(StopSignals::Hangup::kReloads);
  return RunServe(arguments, log, *options, {.load = load, .signals = signals});
}

/// The API itself. Borrows both.
TaskSource ReadingWith(Clock& clock, Logger& log) {
  return [&clock, &log](const AccountOptions& account, const TaskReadRequest& request,
                        const auto& sink, const std::stop_token& stop) {
    return ReadTasks(account, request, clock, log, sink, stop);
  };
}

int List(ListArguments arguments, const LogOptions& log_options, const Environment& environment) {
  ForbidDumps();
  const Result<CollectorOptions> options = LoadConfig(arguments.config_file, environment);
  if (!options) {
    return RefuseConfiguration(options.error());
  }
  arguments.request.user_agent = UserAgent();
  IgnoreBrokenPipes();
  SystemClock clock;
  StreamLogger log(STDERR_FILENO, log_options, clock);
  const TaskSource source = ReadingWith(clock, log);
  return RunList(arguments, *options, source, {});
}

/// Agents take what stands on standard error for part of the answer, so only errors go there.
int Check(const CheckArguments& arguments, LogOptions log_options, const Environment& environment) {
  ForbidDumps();
  if (log_options.level != LogLevel::kDebug) {
    log_options.level = LogLevel::kError;
  }
  SystemClock clock;
  StreamLogger log(STDERR_FILENO, log_options, clock);
  const TaskSource source = ReadingWith(clock, log);
  return RunCheck(arguments,
                  {.load = [&] { return LoadConfig(arguments.config_file, environment); },
                   .source = source,
                   .proxy = environment.proxy,
                   .state_directory = environment.directories.check,
                   .clock = clock,
                   .streams = {}});
}

int Stream(const StreamArguments& arguments, const LogOptions& log,
           const Environment& environment) {
  constexpr std::chrono::seconds kTimeout(5);
  ForbidDumps();
  ShareHeaps();
  ReturnFreedMemory();
  PageRequest from;
  if (!arguments.from.url.empty()) {
    from = RequestOf(arguments.from, environment.proxy, kTimeout);
    if (const Status good = CheckPageRequest(from); !good) {
      std::cerr << kPrefix << good.error().message << '\n';
      return kExitUsage;
    }
  }
  const StopSignals signals(StopSignals::Hangup::kReloads);
  return RunStream(arguments, log,
                   {.signals = signals,
                    .load = [&] { return LoadForPolling(arguments, environment); },
                    .agent = environment.agent,
                    .from = from});
}

/// A configuration is needed only by what asks for an account, and for the place of the store when
/// it is given.
int Store(const StoreArguments& arguments, const Environment& environment) {
  CollectorOptions options;
  if (arguments.config_file || arguments.action == StoreAction::kAcceptAccount) {
    Result<CollectorOptions> loaded = LoadConfig(arguments.config_file, environment);
    if (!loaded) {
      return RefuseConfiguration(loaded.error());
    }
    options = std::move(loaded).value();
  }
  ChooseStore(arguments.store_path, environment.directories, options.store);
  return RunStore(arguments, options.store, options.accounts, {std::cout, std::cerr});
}

/// Gives the command to the function that is for it.
struct Dispatch {
  const LogOptions& log;
  const Environment& environment;

  int operator()(const ServeArguments& arguments) const {
    return Serve(arguments, log, environment);
  }
  int operator()(const ListArguments& arguments) const { return List(arguments, log, environment); }
  int operator()(const CheckArguments& arguments) const {
    return Check(arguments, log, environment);
  }
  int operator()(const StreamArguments& arguments) const {
    return Stream(arguments, log, environment);
  }
  int operator()(const SimulateArguments& arguments) const {
    const StopSignals signals;
    return RunSimulate(arguments, log, signals);
  }
  int operator()(const StoreArguments& arguments) const { return Store(arguments, environment); }
  int operator()(const DemoArguments& arguments) const {
    const StopSignals signals;
    return RunDemo(arguments, log, signals);
  }
};

}  // namespace

int Run(int argc, const char* const* argv, char** environment) {
  const Environment taken = TakeEnvironment(environment);
  const auto parsed = ParseCommandLine(argc, argv);
  if (const auto* const answer = std::get_if<Answer>(&parsed)) {
    (answer->is_error ? std::cerr : std::cout) << answer->text << std::flush;
    return answer->exit_code;
  }
  const auto& line = std::get<CommandLine>(parsed);
  return std::visit(Dispatch{line.log, taken}, line.command);
}

}  // namespace acronis::exporter
