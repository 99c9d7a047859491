#include "exporter/commands/service.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "exporter/commands/command_line.h"
#include "exporter/commands/pulse_check.h"
#include "exporter/commands/shutdown.h"
#include "exporter/commands/version.h"
#include "exporter/exposition/page.h"
#include "exporter/instruments/instruments.h"
#include "exporter/web/collector_hooks.h"
#include "plugin/collector.h"

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

/// Null for no file.
std::unique_ptr<WebConfigWatch> OpenAccess(const std::filesystem::path& file, const Clock& clock,
                                           StreamLogger& log) {
  if (file.empty()) {
    return nullptr;
  }
  auto opened = WebConfigWatch::Open(file, clock, log);
  if (!opened) {
    throw std::runtime_error("the web configuration cannot be used\n" + opened.error().message);
  }
  return std::move(opened).value();
}

/// Ends the process on the spot: only a new one reads what the disk really holds.
[[noreturn]] void Die(StreamLogger& log) {
  log.Error("ending, a new start will read what the disk has");
  _exit(kExitFailure);
}

}  // namespace

/// In the order in which they need one another.
class Service::Parts {
 public:
  Parts(const ServiceOptions& service, const CollectorOptions& options, Clock& clock,
        StreamLogger& log)
      : clock_(clock),
        log_(log),
        load_(service.load),
        pulse_(PatienceFor(options)),
        telemetry_path_(service.web.telemetry_path),
        metrics_(options.metrics),
        instruments_(DescribeInstruments(options)),
        collector_(OpenCollector(options, {.clock = clock,
                                           .log = log,
                                           .telemetry = instruments_,
                                           .on_fatal = [&log](const Error&) { Die(log); }})),
        page_(*collector_, instruments_, metrics_),
        access_(OpenAccess(service.web_config, clock, log)),
        server_(std::make_unique<ScrapeServer>(service.web, Hooks(), access_.get())) {
    instruments_.ConfigReloaded(true, clock_.Now());
    log_.OnLine([this](LogLevel level) { instruments_.CountLogLine(level); });
    WarnOfOpenSecrets(options, log_);
  }
  ~Parts() { log_.OnLine({}); }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  std::vector<std::string> Addresses() const { return server_->Addresses(); }

  void Start() {
    for (const std::string& address : Addresses()) {
      log_.Info("listening", {{"address", address},
                              {"path", telemetry_path_},
                              {"tls", access_ != nullptr && access_->SpeaksTls() ? "on" : "off"}});
    }
    if (access_ != nullptr && access_->SpeaksTls()) {
      log_.Info("HTTP/1.1 alone is spoken, http2 of the web configuration has no effect");
    }
    collector_->Start();
    started_ = true;
  }

  ServiceHealth Health() {
    const auto snapshot = collector_->TakeSnapshot();
    ServiceHealth health{.accounts = snapshot->accounts.size()};
    for (const AccountView& view : snapshot->accounts) {
      health.up += view.up ? 1 : 0;
    }
    const std::lock_guard lock(pulse_mutex_);
    health.stuck = pulse_.Stuck(instruments_.Beats(), clock_.Monotonic());
    return health;
  }

  Status Reload() {
    const std::lock_guard lock(reload_mutex_);
    const auto options = load_();
    Status taken = options ? Reload(*options) : Status(options.error());
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

  /// Pollers first, the endpoint last.
  void Stop() {
    collector_->Stop();
    server_.reset();
  }

  void CloseStore() { collector_->CloseStore(); }

 private:
  ScrapeHooks Hooks() {
    ScrapeHooks hooks = HooksFor(*collector_, page_, [this] { return started_.load(); });
    hooks.reload = [this] { return Reload(); };
    return hooks;
  }

  Clock& clock_;
  StreamLogger& log_;
  std::function<Result<CollectorOptions>()> load_;
  std::mutex pulse_mutex_;
  PulseCheck pulse_;  ///< Guarded by pulse_mutex_.
  std::string telemetry_path_;
  MetricsOptions metrics_;
  /// Ready to be scraped; whether the remote service answers is another question (`acronis_up`).
  std::atomic<bool> started_ = false;
  Instruments instruments_;
  std::unique_ptr<Collector> collector_;
  MetricsPage page_;
  std::unique_ptr<WebConfigWatch> access_;  ///< Null without a web configuration.
  std::mutex reload_mutex_;
  std::unique_ptr<ScrapeServer> server_;
};

Service::Service(const ServiceOptions& service, const CollectorOptions& options, Clock& clock,
                 StreamLogger& log)
    : parts_(std::make_unique<Parts>(service, options, clock, log)) {}

Service::~Service() = default;

std::vector<std::string> Service::Addresses() const {
  return parts_->Addresses();
}

void Service::Start() {
  parts_->Start();
}

ServiceHealth Service::Health() const {
  return parts_->Health();
}

Status Service::Reload() {
  return parts_->Reload();
}

Status Service::Reload(const CollectorOptions& options) {
  return parts_->Reload(options);
}

void Service::Stop() {
  parts_->Stop();
}

void Service::CloseStore() {
  parts_->CloseStore();
}

void StopOrLeave(std::unique_ptr<Service> service, StreamLogger& log) {
  // Shared with the thread, which may be left behind with it.
  const std::shared_ptr<Service> shared = std::move(service);
  if (!StopWithin(kStopPatience, [shared] { shared->Stop(); })) {
    shared->CloseStore();
    log.Warn("left behind what did not end in time");
    _exit(0);
  }
}

}  // namespace acronis::exporter
