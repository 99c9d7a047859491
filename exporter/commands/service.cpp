#include "exporter/commands/service.h"

#include <atomic>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "exporter/commands/command_line.h"
#include "exporter/commands/shutdown.h"
#include "exporter/commands/version.h"
#include "exporter/exposition/page.h"
#include "exporter/instruments/instruments.h"
#include "exporter/web/collector_hooks.h"
#include "plugin/collector.h"

namespace acronis::exporter {
namespace {

InstrumentsOptions DescribeInstruments(const CollectorOptions& options) {
  InstrumentsOptions described{.build = {Version(), Revision(), Compiler()}};
  for (const AccountOptions& account : options.accounts) {
    described.accounts.push_back(account.name);
  }
  return described;
}

std::unique_ptr<Collector> OpenCollector(const CollectorOptions& options, Collector::Deps deps) {
  auto opened = Collector::Open(options, std::move(deps));
  if (!opened) {
    throw std::runtime_error(opened.error().message);
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
      : log_(log),
        telemetry_path_(service.telemetry_path),
        metrics_(options.metrics),
        instruments_(DescribeInstruments(options)),
        collector_(OpenCollector(options, {.clock = clock,
                                           .log = log,
                                           .telemetry = instruments_,
                                           .on_fatal = [&log](const Error&) { Die(log); }})),
        page_(*collector_, instruments_, metrics_),
        server_(std::make_unique<ScrapeServer>(
            ScrapeServerOptions{service.listen_addresses, service.telemetry_path, Version()},
            HooksFor(*collector_, page_, [this] { return started_.load(); }))) {
    instruments_.ConfigReloaded(true, clock.Now());
    log_.OnLine([this](LogLevel level) { instruments_.CountLogLine(level); });
    WarnOfOpenSecrets(options, log_);
  }
  ~Parts() { log_.OnLine({}); }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  std::vector<std::string> Addresses() const { return server_->Addresses(); }

  void Start() {
    for (const std::string& address : Addresses()) {
      log_.Info("listening", {{"address", address}, {"path", telemetry_path_}});
    }
    collector_->Start();
    started_ = true;
  }

  /// Pollers first, the endpoint last.
  void Stop() {
    collector_->Stop();
    server_.reset();
  }

  void CloseStore() { collector_->CloseStore(); }

 private:
  StreamLogger& log_;
  std::string telemetry_path_;
  MetricsOptions metrics_;
  /// Ready to be scraped; whether the remote service answers is another question (`acronis_up`).
  std::atomic<bool> started_ = false;
  Instruments instruments_;
  std::unique_ptr<Collector> collector_;
  MetricsPage page_;
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
