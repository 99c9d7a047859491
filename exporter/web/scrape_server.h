#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "exporter/exposition/scrape.h"
#include "exporter/web/http/limits.h"
#include "exporter/web/landing_page.h"
#include "exporter/web/web_config_watch.h"
#include "plugin/core/result.h"

namespace acronis::exporter {

struct ScrapeServerOptions {
  /// `host:port`, `[v6]:port` or `:port` for every interface; port 0 picks a free one.
  /// Together with `inherited` these are all places where it serves.
  std::vector<std::string> listen_addresses{":10977"};
  std::vector<int> inherited{};  ///< Listening sockets from a service manager. They are taken over.
  std::string telemetry_path = "/metrics";
  std::string version{};  ///< Shown on the landing page.
  /// Scrapes that are answered at the same time; more get 503. 0: any number. A reply that is
  /// ready and on its way to a slow client does not count.
  std::size_t max_requests = 40;
  bool enable_lifecycle = false;  ///< POST /-/reload works.
  http::Limits limits{};
};

/// The answer to one scrape. It depends on two headers of the request, so it
/// is sent with `Vary: Accept, Accept-Encoding`.
struct ScrapeReply {
  ScrapeBody body{};
  /// Called once the body has been handed to the network as a whole: not for
  /// HEAD, not when the client went away. May be empty.
  std::function<void()> served{};
  std::string content_type = "text/plain; version=0.0.4; charset=utf-8";
  std::string content_encoding{};  ///< Of the body as it is; empty: none.
};

/// What the server asks the program. Called from many threads at the same time.
struct ScrapeHooks {
  std::function<ScrapeReply(const ScrapeRequest&)> metrics;
  std::function<bool()> ready;
  std::function<std::vector<AccountStatus>()> accounts;  ///< For the landing page.
  /// Reads the configuration anew, all or nothing.
  std::function<Status()> reload{};
};

/// An address cannot be used. The message names it and says why:
/// `cannot listen on 127.0.0.1:10977: address already in use`.
class ListenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The scrape endpoint: the telemetry path, `/`, `/-/healthy` and `/-/ready` by GET and HEAD,
/// `/-/reload` by POST and PUT; 405 for other methods, 404 for everything else. TLS and passwords
/// as the web configuration has it.
///
/// Owns its threads; serves from the constructor to the destructor, which cuts
/// open connections and does not wait for clients.
class ScrapeServer {
 public:
  /// Binds every address or none: throws ListenError. `access` may be null: plain HTTP for
  /// everybody; it is borrowed, as its clock is.
  ScrapeServer(const ScrapeServerOptions& options, ScrapeHooks hooks,
               WebConfigWatch* access = nullptr);
  ~ScrapeServer();
  ScrapeServer(const ScrapeServer&) = delete;
  ScrapeServer& operator=(const ScrapeServer&) = delete;

  /// The ports in use, in the order of the listen addresses.
  std::vector<std::uint16_t> Ports() const;
  /// The same as `host:port`, for people: `[::]:10977`, `127.0.0.1:9100`.
  std::vector<std::string> Addresses() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace acronis::exporter
