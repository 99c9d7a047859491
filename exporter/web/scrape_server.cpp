#include "exporter/web/scrape_server.h"

#include <cstddef>
#include <sys/socket.h>
#include <utility>

#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/ThreadPool.h>
#include <Poco/Timespan.h>

#include "exporter/web/listener.h"
#include "exporter/web/request_handler.h"

namespace acronis::exporter {
namespace {

constexpr int kMinThreads = 2;
constexpr int kMaxThreads = 32;  // Also the most connections that are served at once.
constexpr int kMaxQueued = 64;
const Poco::Timespan kIoTimeout(10, 0);
const Poco::Timespan kKeepAliveTimeout(5, 0);

Poco::Net::HTTPServerParams::Ptr MakeParams() {
  Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
  params->setMaxThreads(kMaxThreads);
  params->setMaxQueued(kMaxQueued);
  params->setTimeout(kIoTimeout);
  params->setKeepAlive(true);
  params->setKeepAliveTimeout(kKeepAliveTimeout);
  return params;
}

}  // namespace

class ScrapeServer::Impl {
 public:
  Impl(const ScrapeServerOptions& options, ScrapeHooks hooks)
      : pool_("scrape", kMinThreads, kMaxThreads) {
    for (const std::string& address : options.listen_addresses) {
      sockets_.push_back(Listen(address));
    }
    const auto site = std::make_shared<const Site>(
        Site{options.telemetry_path, options.version, std::move(hooks)});
    for (const Poco::Net::ServerSocket& socket : sockets_) {
      servers_.push_back(std::make_unique<Poco::Net::HTTPServer>(new RequestHandlerFactory(site),
                                                                 pool_, socket, MakeParams()));
      servers_.back()->start();
    }
  }

  ~Impl() {
    for (std::size_t i = 0; i < servers_.size(); ++i) {
      // Poco looks for new connections in steps of 250 ms; a socket that is
      // shut down wakes it at once.
      ::shutdown(sockets_[i].impl()->sockfd(), SHUT_RDWR);
      servers_[i]->stopAll(true);
    }
    pool_.joinAll();
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  const std::vector<Poco::Net::ServerSocket>& Sockets() const { return sockets_; }

 private:
  Poco::ThreadPool pool_;
  std::vector<Poco::Net::ServerSocket> sockets_;
  std::vector<std::unique_ptr<Poco::Net::HTTPServer>> servers_;
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
