#pragma once

#include <memory>
#include <string>

#include <Poco/Net/HTTPRequestHandlerFactory.h>

#include "exporter/web/scrape_server.h"

namespace acronis::exporter {

/// What every request of one server needs.
struct Site {
  std::string telemetry_path;
  std::string version;
  ScrapeHooks hooks;
};

/// Makes the handler that answers one request for `site`.
class RequestHandlerFactory final : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  explicit RequestHandlerFactory(std::shared_ptr<const Site> site) : site_(std::move(site)) {}

  Poco::Net::HTTPRequestHandler* createRequestHandler(
      const Poco::Net::HTTPServerRequest& request) override;

 private:
  std::shared_ptr<const Site> site_;
};

}  // namespace acronis::exporter
