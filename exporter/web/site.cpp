#include "exporter/web/site.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/exposition/scrape.h"
#include "exporter/web/landing_page.h"
#include "plugin/core/clock.h"

namespace acronis::exporter {
namespace {

using http::Reply;
using http::Request;
using http::TextReply;

constexpr std::string_view kHtml = "text/html; charset=utf-8";
/// The start page has nothing but its own style.
constexpr std::string_view kPagePolicy =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

http::Body ToBody(ScrapeBody scraped) {
  const auto owner = std::make_shared<const ScrapeBody>(std::move(scraped));
  std::vector<std::string_view> pieces;
  for (const ScrapeBody::Piece& piece : owner->pieces) {
    pieces.push_back(piece.text);
  }
  return {std::move(pieces), owner};
}

Reply NotAllowed(std::string_view allowed) {
  Reply reply = TextReply(http::kMethodNotAllowed, "405 method not allowed");
  reply.Set("Allow", std::string(allowed));
  return reply;
}

bool IsReading(const Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

/// One more in a number, for as long as it lives.
class Counted {
 public:
  explicit Counted(std::atomic<std::size_t>& number) : number_(number), value_(++number) {}
  ~Counted() { --number_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

  std::size_t Value() const { return value_; }

 private:
  std::atomic<std::size_t>& number_;
  std::size_t value_;
};

}  // namespace

Site::Site(Options options, ScrapeHooks hooks)
    : options_(std::move(options)), hooks_(std::move(hooks)) {}

Reply Site::Answer(const Request& request) {
  const Route route = RouteOf(request.path);
  if (request.method == "CONNECT") {
    return NotAllowed("GET, HEAD");  // Its target is no path.
  }
  if (route == nullptr) {
    return TextReply(http::kNotFound, "404 page not found");
  }
  if (route != &Site::Reload && !IsReading(request)) {
    return NotAllowed("GET, HEAD");
  }
  return (this->*route)(request);
}

Site::Route Site::RouteOf(std::string_view path) const {
  if (path == options_.telemetry_path) {
    return &Site::Metrics;
  }
  constexpr std::array<std::pair<std::string_view, Route>, 4> kRoutes = {{
      {"/", &Site::Landing},
      {"/-/healthy", &Site::Healthy},
      {"/-/ready", &Site::Ready},
      {"/-/reload", &Site::Reload},
  }};
  const auto* const found =
      std::ranges::find(kRoutes, path, &std::pair<std::string_view, Route>::first);
  return found == kRoutes.end() ? nullptr : found->second;
}

Reply Site::Metrics(const Request& request) {
  const Counted scrape(scrapes_);
  if (options_.max_requests != 0 && scrape.Value() > options_.max_requests) {
    return TextReply(http::kUnavailable, "Limit of concurrent requests reached (" +
                                             std::to_string(options_.max_requests) +
                                             "), try again later.");
  }
  return Scrape(request);
}

Reply Site::Scrape(const Request& request) {
  ScrapeReply scrape = hooks_.metrics({.accept = request.Joined("accept"),
                                       .accept_encoding = request.Joined("accept-encoding"),
                                       .names = NamesInQuery(request.query)});
  Reply reply{.body = ToBody(std::move(scrape.body)), .served = std::move(scrape.served)};
  reply.Set("Content-Type", std::move(scrape.content_type));
  if (!scrape.content_encoding.empty()) {
    reply.Set("Content-Encoding", std::move(scrape.content_encoding));
  }
  reply.Set("Vary", "Accept, Accept-Encoding");
  return reply;
}

Reply Site::Landing(const Request& /*request*/) {
  Reply reply{.body = http::Body(RenderLandingPage({.version = options_.version,
                                                    .telemetry_path = options_.telemetry_path,
                                                    .now = SystemClock().Now()},
                                                   hooks_.accounts()))};
  reply.Set("Content-Type", std::string(kHtml));
  reply.Set("Content-Security-Policy", std::string(kPagePolicy));
  return reply;
}

// NOLINTNEXTLINE(readability-convert-member-functions-to-static): routes are members of one kind.
Reply Site::Healthy(const Request& /*request*/) {
  return TextReply(http::kOk, "Healthy");
}

Reply Site::Ready(const Request& /*request*/) {
  return hooks_.ready() ? TextReply(http::kOk, "Ready")
                        : TextReply(http::kUnavailable, "Not ready");
}

Reply Site::Reload(const Request& request) {
  if (request.method != "POST" && request.method != "PUT") {
    return NotAllowed("POST, PUT");
  }
  if (!options_.enable_lifecycle) {
    return TextReply(http::kForbidden, "reload by HTTP is off; --web.enable-lifecycle turns it on");
  }
  const Status reloaded = hooks_.reload();
  return reloaded ? TextReply(http::kOk, "configuration reloaded")
                  : TextReply(http::kInternalError,
                              "the configuration was not reloaded, the old one goes on\n" +
                                  reloaded.error().message);
}

}  // namespace acronis::exporter
