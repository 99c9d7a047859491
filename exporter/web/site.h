#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>

#include "exporter/web/http/reply.h"
#include "exporter/web/http/request.h"
#include "exporter/web/scrape_server.h"

namespace acronis::exporter {

/// What all requests of one server share, and the answers to them. Thread-safe.
class Site {
 public:
  struct Options {
    std::string telemetry_path;
    std::string version;
    std::size_t max_requests;  ///< 0: any number.
    bool enable_lifecycle;
  };

  Site(Options options, ScrapeHooks hooks);

  /// The telemetry path, `/`, `/-/healthy` and `/-/ready` by GET and HEAD, `/-/reload` by POST and
  /// PUT, 405 with Allow for other methods there, 404 elsewhere. A path is compared byte for byte,
  /// so that no second spelling leads past a rule that a proxy has for the first.
  http::Reply Answer(const http::Request& request);

 private:
  using Route = http::Reply (Site::*)(const http::Request&);

  /// Null for an unknown path.
  Route RouteOf(std::string_view path) const;
  http::Reply Metrics(const http::Request& request);
  http::Reply Scrape(const http::Request& request);
  http::Reply Landing(const http::Request& request);
  http::Reply Healthy(const http::Request& request);
  http::Reply Ready(const http::Request& request);
  http::Reply Reload(const http::Request& request);

  const Options options_;
  const ScrapeHooks hooks_;
  std::atomic<std::size_t> scrapes_ = 0;  ///< That are being answered.
};

}  // namespace acronis::exporter
