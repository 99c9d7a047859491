#include "exporter/commands/service.h"

#include <atomic>
#include <stdexcept>
#include <unistd.h>
#include <utility>

#include "exporter/commands/shutdown.h"
#include "exporter/web/collector_hooks.h"
#include "exporter/web/web_config_watch.h"

namespace acronis::exporter {
namespace {

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

}  // namespace

/// In the order in which they need one another.
class Service::Parts {
 public:
  Parts(const ServiceOptions& service, const CollectorOptions& options, Clock& clock,
        StreamLogger& log)
      : log_(log),
        telemetry_path_(service.web.telemetry_path),
        engine_(options, service.load, clock, log),
        access_(OpenAccess(service.web_config, clock, log)),
        server_(std::make_unique<ScrapeServer>(service.web, Hooks(), access_.get())) {}

  std::vector<std::string> Addresses() const { return server_->Addresses(); }
  Engine& Core() { return engine_; }

  void Start() {
    for (const std::string& address : Addresses()) {
      log_.Info("listening", {{"address", address},
                              {"path", telemetry_path_},
                              {"tls", access_ != nullptr && access_->SpeaksTls() ? "on" : "off"}});
    }
    if (access_ != nullptr && access_->SpeaksTls()) {
      log_.Info("HTTP/1.1 alone is spoken, http2 of the web configuration has no effect");
    }
    engine_.Start();
    started_ = true;
  }

  /// Pollers first, the endpoint last.
  void Stop() {
    engine_.Stop();
    server_.reset();
  }

 private:
  ScrapeHooks Hooks() {
    ScrapeHooks hooks =
        HooksFor(engine_.Fetcher(), engine_.Page(), [this] { return started_.load(); });
    hooks.reload = [this] { return engine_.Reload(); };
    return hooks;
  }

  StreamLogger& log_;
  std::string telemetry_path_;
  /// Ready to be scraped; whether the remote service answers is another question (`acronis_up`).
  std::atomic<bool> started_ = false;
  Engine engine_;
  std::unique_ptr<WebConfigWatch> access_;  ///< Null without a web configuration.
  std::unique_ptr<ScrapeServer> server_;
};

Service::Service(const ServiceOptions& service, const CollectorOptions& options, Clock& clock,
                 StreamLogger& log)
    : parts_(std::make_unique<Parts>(service, options, clock, log)) {}

Service::~Service() = default;

std::vector<std::string> Service::Addresses() const {
  return parts_->Addresses();
}

Engine& Service::Core() {
  return parts_->Core();
}

void Service::Start() {
  parts_->Start();
}

void Service::Stop() {
  parts_->Stop();
}

void StopOrLeave(std::unique_ptr<Service> service, StreamLogger& log,
                 const std::function<void()>& stop_first) {
  // Shared with the thread, which may be left behind with it.
  const std::shared_ptr<Service> shared = std::move(service);
  const auto stop = [shared, stop_first] {
    stop_first();
    shared->Stop();
  };
  if (!StopWithin(kStopPatience, stop)) {
    shared->Core().CloseStore();
    log.Warn("left behind what did not end in time");
    _exit(0);
  }
}

}  // namespace acronis::exporter
