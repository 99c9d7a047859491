#include "exporter/web/site.h"

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/exposition/scrape.h"
#include "exporter/web/landing_page.h"

namespace acronis::exporter {
namespace {

using http::Reply;
using http::Request;
using http::TextReply;

constexpr std::string_view kHtml = "text/html; charset=utf-8";

http::Body ToBody(ScrapeBody scraped) {
  const auto owner = std::make_shared<const ScrapeBody>(std::move(scraped));
  std::vector<std::string_view> pieces;
  for (const ScrapeBody::Piece& piece : owner->pieces) {
    pieces.emplace_back(*piece);
  }
  return {std::move(pieces), owner};
}

Reply Metrics(const Site& site, const Request& request) {
  ScrapeReply scrape = site.hooks.metrics({.accept = request.Joined("accept"),
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

Reply Landing(const Site& site, const Request& /*request*/) {
  Reply reply{.body = http::Body(
                  RenderLandingPage(site.version, site.telemetry_path, site.hooks.accounts()))};
  reply.Set("Content-Type", std::string(kHtml));
  return reply;
}

Reply Healthy(const Site& /*site*/, const Request& /*request*/) {
  return TextReply(http::kOk, "Healthy");
}

Reply Ready(const Site& site, const Request& /*request*/) {
  return site.hooks.ready() ? TextReply(http::kOk, "Ready")
                            : TextReply(http::kUnavailable, "Not ready");
}

using Route = Reply (*)(const Site&, const Request&);

/// Null for an unknown path.
Route RouteOf(const Site& site, std::string_view path) {
  if (path == site.telemetry_path) {
    return &Metrics;
  }
  if (path == "/") {
    return &Landing;
  }
  if (path == "/-/healthy") {
    return &Healthy;
  }
  return path == "/-/ready" ? &Ready : nullptr;
}

Reply NotAllowed(std::string_view allowed) {
  Reply reply = TextReply(http::kMethodNotAllowed, "405 method not allowed");
  reply.Set("Allow", std::string(allowed));
  return reply;
}

}  // namespace

Reply Answer(const Site& site, const Request& request) {
  if (request.method == "CONNECT") {
    return NotAllowed("GET, HEAD");  // Its target is no path.
  }
  const Route route = RouteOf(site, request.path);
  if (route == nullptr) {
    return TextReply(http::kNotFound, "404 page not found");
  }
  if (request.method != "GET" && request.method != "HEAD") {
    return NotAllowed("GET, HEAD");
  }
  return route(site, request);
}

}  // namespace acronis::exporter
