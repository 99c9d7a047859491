#include "exporter/web/scrape_server.h"

#include <utility>

#include <Poco/Net/ServerSocket.h>

#include "exporter/web/http/http_server.h"
#include "exporter/web/listener.h"
#include "exporter/web/site.h"

namespace acronis::exporter {
namespace {

std::vector<Poco::Net::ServerSocket> ListenOnAll(const std::vector<std::string>& addresses) {
  std::vector<Poco::Net::ServerSocket> sockets;
  for (const std::string& address : addresses) {
    sockets.push_back(Listen(address));
  }
  return sockets;
}

}  // namespace

class ScrapeServer::Impl {
 public:
  Impl(const ScrapeServerOptions& options, ScrapeHooks hooks)
      : site_{options.telemetry_path, options.version, std::move(hooks)},
        server_(ListenOnAll(options.listen_addresses),
                {.streams = std::make_shared<const http::PlainStreamMaker>(),
                 .handler = [this](const http::Request& request) { return Answer(site_, request); },
                 .limits = options.limits}) {}

  const std::vector<Poco::Net::ServerSocket>& Sockets() const { return server_.Sockets(); }

 private:
  Site site_;
  http::HttpServer server_;
};

ScrapeServer::ScrapeServer(const ScrapeServerOptions& options, ScrapeHooks hooks)
    : impl_(std::make_unique<Impl>(options, std::move(hooks))) {}

ScrapeServer::~ScrapeServer() = default;

std::vector<std::uint16_t> ScrapeServer::Ports() const {
  std::vector<std::uint16_t> ports;
  for (const Poco::Net::ServerSocket& socket : impl_->Sockets()) {
    ports.push_back(socket.address().port());
  }
  return ports;
}

std::vector<std::string> ScrapeServer::Addresses() const {
  std::vector<std::string> addresses;
  for (const Poco::Net::ServerSocket& socket : impl_->Sockets()) {
    addresses.push_back(socket.address().toString());
  }
  return addresses;
}

}  // namespace acronis::exporter
