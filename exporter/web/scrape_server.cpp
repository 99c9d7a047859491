#include "exporter/web/scrape_server.h"

#include <optional>
#include <utility>

#include <Poco/Net/ServerSocket.h>

#include "exporter/web/gate.h"
#include "exporter/web/http/http_server.h"
#include "exporter/web/listener.h"
#include "exporter/web/site.h"
#include "exporter/web/tls/tls_stream.h"
#include "plugin/core/clock.h"

namespace acronis::exporter {
namespace {

std::vector<Poco::Net::ServerSocket> ListenOnAll(const ScrapeServerOptions& options) {
  std::vector<Poco::Net::ServerSocket> sockets;
  for (const int descriptor : options.inherited) {
    sockets.push_back(AdoptListener(descriptor));
  }
  for (const std::string& address : options.listen_addresses) {
    sockets.push_back(Listen(address));
  }
  return sockets;
}

std::shared_ptr<const http::StreamMaker> StreamsFor(WebConfigWatch* access) {
  if (access != nullptr && access->SpeaksTls()) {
    return std::make_shared<const TlsStreamMaker>(*access);
  }
  return std::make_shared<const http::PlainStreamMaker>();
}

}  // namespace

class ScrapeServer::Impl {
 public:
  Impl(const ScrapeServerOptions& options, ScrapeHooks hooks, WebConfigWatch* access)
      : site_({options.telemetry_path, options.version, options.max_requests,
               options.enable_lifecycle},
              std::move(hooks)) {
    if (access != nullptr) {
      gate_.emplace(*access, clock_);
    }
    http::HttpServer::Parts parts;
    parts.streams = StreamsFor(access);
    parts.handler = [this](const http::Request& request) { return Answer(request); };
    parts.limits = options.limits;
    server_.emplace(ListenOnAll(options), std::move(parts));
  }

  const std::vector<Poco::Net::ServerSocket>& Sockets() const { return server_->Sockets(); }

 private:
  http::Reply Answer(const http::Request& request) {
    const auto site = [this](const http::Request& admitted) { return site_.Answer(admitted); };
    return gate_ ? gate_->Answer(request, site) : site(request);
  }

  SystemClock clock_;
  Site site_;
  std::optional<Gate> gate_;                ///< Without one everybody comes in.
  std::optional<http::HttpServer> server_;  ///< Last: it calls the others.
};

ScrapeServer::ScrapeServer(const ScrapeServerOptions& options, ScrapeHooks hooks,
                           WebConfigWatch* access)
    : impl_(std::make_unique<Impl>(options, std::move(hooks), access)) {}

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
