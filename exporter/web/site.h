#pragma once

#include <string>

#include "exporter/web/http/reply.h"
#include "exporter/web/http/request.h"
#include "exporter/web/scrape_server.h"

namespace acronis::exporter {

/// What every request of one server needs.
struct Site {
  std::string telemetry_path;
  std::string version;
  ScrapeHooks hooks;
};

/// Answers one request: the telemetry path, `/`, `/-/healthy` and `/-/ready` by GET and HEAD, 405
/// with Allow for other methods there, 404 elsewhere. A path is compared byte for byte, so that no
/// second spelling leads past a rule that a proxy has for the first. Thread-safe.
http::Reply Answer(const Site& site, const http::Request& request);

}  // namespace acronis::exporter
