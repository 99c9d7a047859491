#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exporter/commands/engine.h"
#include "exporter/log/stream_logger.h"
#include "exporter/web/scrape_server.h"
#include "plugin/core/clock.h"
#include "plugin/core/options.h"
#include "plugin/core/result.h"

namespace acronis::exporter {

struct ServiceOptions {
  ScrapeServerOptions web{};
  std::filesystem::path web_config{};  ///< Empty: plain HTTP for everybody.
  Engine::Load load{};
};

/// A running exporter: an Engine and the scrape server that shows its page.
///
/// Serves and polls from Start() until Stop(). Borrows clock and logger.
class Service {
 public:
  /// Sends nothing yet. Throws std::runtime_error when `options` cannot work, ListenError when an
  /// address is taken.
  Service(const ServiceOptions& service, const CollectorOptions& options, Clock& clock,
          StreamLogger& log);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Where it serves, as `host:port`.
  std::vector<std::string> Addresses() const;
  /// What counts behind the endpoint. Started and stopped by the service alone.
  Engine& Core();
  void Start();
  /// Tells the pollers to end, closes the endpoint and waits for the pollers. May hang as long as
  /// a name look-up does.
  void Stop();

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

/// Stops `service`, after what `stop_first` stops, within kStopPatience. When that is too short,
/// logs it and ends the process with code 0 instead of returning.
void StopOrLeave(
    std::unique_ptr<Service> service, StreamLogger& log,
    const std::function<void()>& stop_first = [] {});

}  // namespace acronis::exporter
