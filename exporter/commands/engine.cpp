#include "exporter/commands/engine.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include "exporter/commands/command_line.h"
#include "exporter/commands/pulse_check.h"
#include "exporter/commands/version.h"
#include "exporter/instruments/instruments.h"

namespace acronis::exporter {
namespace {

std::vector<std::string> NamesOf(const std::vector<AccountOptions>& accounts) {
  std::vector<std::string> names;
  names.reserve(accounts.size());
  for (const AccountOptions& account : accounts) {
    names.push_back(account.name);
  }
  return names;
}

InstrumentsOptions DescribeInstruments(const CollectorOptions& options) {
  return {.accounts = NamesOf(options.accounts), .build = {Version(), Revision(), Compiler()}};
}

std::unique_ptr<Collector> OpenCollector(const CollectorOptions& options, Collector::Deps deps) {
  auto opened = Collector::Open(options, std::move(deps));
  if (!opened) {
    throw std::runtime_error(opened.error().message);
  }
  if (auto store = (*opened)->OpenStore(); !store) {
    throw std::runtime_error(store.error().message);
  }
  return std::move(opened).value();
}

/// A secret that everybody on the machine can read is none.
void WarnOfOpenSecrets(const CollectorOptions& options, StreamLogger& log) {
  for (const AccountOptions& account : options.accounts) {
    std::error_code unknown;
    const auto mode = std::filesystem::status(account.client_secret_file, unknown).permissions();
    if (!account.client_secret_file.empty() && !unknown &&
        (mode & std::filesystem::perms::others_read) != std::filesystem::perms::none) {
      log.Warn("secret file can be read by everybody on this machine, better is mode 0600 or 0640",
               {{"account", account.name}, {"path", account.client_secret_file.string()}});
    }
  }
}

/// The longest that a poller may be silent: the slowest beat there is, one request, and all that
/// the server may make it wait.
std::chrono::nanoseconds PatienceFor(const CollectorOptions& options) {
  constexpr std::chrono::minutes kSlowestBeat(15);
  constexpr std::chrono::minutes kLongestWait(15);
  std::chrono::nanoseconds patience = kSlowestBeat;
  for (const AccountOptions& account : options.accounts) {
    patience = std::max({patience, account.poll.interval, account.poll.request_timeout});
  }
  return 2 * patience + kLongestWait;
}

/// Ends the process on the spot: only a new one reads what the disk really holds.
[[noreturn]] void Die(StreamLogger& log) {
  log.Error("ending, a new start will read what the disk has");
  _exit(kExitFailure);
}

}  // namespace

/// In the order in which they need one another.
class Engine::Parts {
 public:
  Parts(const CollectorOptions& options, Load load, Clock& clock, StreamLogger& log)
      : clock_(clock),
        log_(log),
        load_(std::move(load)),
        pulse_(PatienceFor(options)),
        instruments_(DescribeInstruments(options)),
        collector_(OpenCollector(options, {.clock = clock,
                                           .log = log,
                                           .telemetry = instruments_,
                                           .on_fatal = [&log](const Error&) { Die(log); }})),
        page_(*collector_, instruments_, options.metrics) {
    instruments_.ConfigReloaded(true, clock_.Now());
    log_.OnLine([this](LogLevel level) { instruments_.CountLogLine(level); });
    WarnOfOpenSecrets(options, log_);
  }
  ~Parts() { log_.OnLine({}); }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  Collector& Fetcher() { return *collector_; }
  const MetricsPage& Page() const { return page_; }

  EngineHealth Health() {
    const auto snapshot = collector_->TakeSnapshot();
    EngineHealth health{.accounts = snapshot->accounts.size()};
    for (const AccountView& view : snapshot->accounts) {
      health.up += view.up ? 1 : 0;
    }
    const std::lock_guard lock(pulse_mutex_);
    health.stuck = pulse_.Stuck(instruments_.Beats(), clock_.Monotonic());
    return health;
  }

  Status Reload() {
    const std::lock_guard lock(reload_mutex_);
    Status taken = LoadAndReload();
    instruments_.ConfigReloaded(static_cast<bool>(taken), clock_.Now());
    if (!taken) {
      log_.Error("configuration not reloaded, the old one goes on",
                 {{"error", taken.error().message}});
    }
    return taken;
  }

  Status Reload(const CollectorOptions& options) {
    const auto accounts = NamesOf(options.accounts);
    instruments_.Announce(accounts);  // Before the first report.
    if (auto reloaded = collector_->Reload(options); !reloaded) {
      return reloaded;
    }
    {
      const std::lock_guard lock(pulse_mutex_);
      pulse_.SetPatience(PatienceFor(options));
    }
    instruments_.ShowOnly(accounts);
    page_.SetSuccessCodes(options.metrics.success_codes);
    WarnOfOpenSecrets(options, log_);
    return Ok{};
  }

 private:
  /// What the system refuses, a thread or memory, is an error like others.
  Status LoadAndReload() {
    try {
      const auto options = load_();
      return options ? Reload(*options) : Status(options.error());
    } catch (const std::exception& problem) {
      return Error{ErrorKind::kInvalidArgument, problem.what()};
    }
  }

  Clock& clock_;
  StreamLogger& log_;
  Load load_;
  std::mutex pulse_mutex_;
  PulseCheck pulse_;  ///< Guarded by pulse_mutex_.
  Instruments instruments_;
  std::unique_ptr<Collector> collector_;
  MetricsPage page_;
  std::mutex reload_mutex_;
};

Engine::Engine(const CollectorOptions& options, Load load, Clock& clock, StreamLogger& log)
    : parts_(std::make_unique<Parts>(options, std::move(load), clock, log)) {}

Engine::~Engine() = default;

Collector& Engine::Fetcher() {
  return parts_->Fetcher();
}

const MetricsPage& Engine::Page() const {
  return parts_->Page();
}

void Engine::Start() {
  parts_->Fetcher().Start();
}

EngineHealth Engine::Health() {
  return parts_->Health();
}

Status Engine::Reload() {
  return parts_->Reload();
}

Status Engine::Reload(const CollectorOptions& options) {
  return parts_->Reload(options);
}

void Engine::Stop() {
  parts_->Fetcher().Stop();
}

void Engine::CloseStore() {
  parts_->Fetcher().CloseStore();
}

}  // namespace acronis::exporter
