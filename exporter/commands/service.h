#pragma once

#include <memory>
#include <string>
#include <vector>

#include "exporter/log/stream_logger.h"
#include "exporter/web/scrape_server.h"
#include "plugin/core/clock.h"
#include "plugin/core/options.h"

namespace acronis::exporter {

struct ServiceOptions {
  std::vector<std::string> listen_addresses{};
  std::string telemetry_path = "/metrics";
};

/// A running exporter: fetcher, instruments, page and scrape server in one.
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
  void Start();
  /// Tells the pollers to end, closes the endpoint and waits for the pollers. May hang as long as
  /// a name look-up does.
  void Stop();
  /// Ends all writing to the store, while Stop() hangs on another thread.
  void CloseStore();

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

/// Stops `service` within kStopPatience. When that is too short, logs it and ends the process with
/// code 0 instead of returning.
void StopOrLeave(std::unique_ptr<Service> service, StreamLogger& log);

}  // namespace acronis::exporter
