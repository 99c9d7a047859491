#pragma once

#include "exporter/web/auth/rate_limit.h"
#include "exporter/web/http/connection.h"
#include "exporter/web/web_config_watch.h"
#include "plugin/core/clock.h"

namespace acronis::exporter {

/// What a web configuration asks of every request, whatever its path: a rate, a user and a
/// password. In the order of the exporter-toolkit; what it refuses carries the configured headers
/// too. Thread-safe. Borrows watch and clock.
class Gate {
 public:
  Gate(WebConfigWatch& watch, const Clock& clock);

  /// The reply of `handler`, or the refusal: 500 while the configuration is broken, 429 above the
  /// rate, 401 without the right password, 503 when too many passwords wait to be checked.
  http::Reply Answer(const http::Request& request, const http::Handler& handler);

 private:
  http::Reply Admit(const WebAccess& access, const http::Request& request,
                    const http::Handler& handler);

  WebConfigWatch& watch_;
  const Clock& clock_;
  RateLimit rate_limit_;
};

}  // namespace acronis::exporter
