#include "exporter/web/request_handler.h"

#include <exception>
#include <functional>
#include <ostream>
#include <string_view>
#include <utility>

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include "exporter/exposition/text_writer.h"
#include "exporter/web/landing_page.h"

namespace acronis::exporter {
namespace {

using Poco::Net::HTTPRequest;
using Poco::Net::HTTPResponse;
using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerResponse;

constexpr std::string_view kPlainText = "text/plain; charset=utf-8";
constexpr std::string_view kHtml = "text/html; charset=utf-8";

struct Reply {
  HTTPResponse::HTTPStatus status = HTTPResponse::HTTP_OK;
  std::string_view content_type = kPlainText;
  std::string body{};
  std::function<void()> served{};
};

/// The path as it was sent, without the query; compared byte for byte.
std::string_view PathOf(const HTTPServerRequest& request) {
  const std::string_view uri = request.getURI();
  return uri.substr(0, uri.find('?'));
}

Reply Metrics(const Site& site) {
  ScrapeReply scrape = site.hooks.metrics();
  return {HTTPResponse::HTTP_OK, TextWriter::kContentType, std::move(scrape.body),
          std::move(scrape.served)};
}

Reply Landing(const Site& site) {
  return {HTTPResponse::HTTP_OK, kHtml,
          RenderLandingPage(site.version, site.telemetry_path, site.hooks.accounts())};
}

Reply Healthy(const Site& /*site*/) {
  return {HTTPResponse::HTTP_OK, kPlainText, "Healthy\n"};
}

Reply Ready(const Site& site) {
  if (site.hooks.ready()) {
    return {HTTPResponse::HTTP_OK, kPlainText, "Ready\n"};
  }
  return {HTTPResponse::HTTP_SERVICE_UNAVAILABLE, kPlainText, "Not ready\n"};
}

using Route = Reply (*)(const Site&);

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

class RequestHandler final : public Poco::Net::HTTPRequestHandler {
 public:
  explicit RequestHandler(std::shared_ptr<const Site> site) : site_(std::move(site)) {}

  void handleRequest(HTTPServerRequest& request, HTTPServerResponse& response) override {
    // A body is never read. Left in the stream of a kept-alive connection it
    // would be taken for the next request.
    if (request.hasContentLength() || request.getChunkedTransferEncoding()) {
      response.setKeepAlive(false);
    }
    const Reply reply = Answer(request, response);
    if (Send(request, response, reply) && reply.served) {
      reply.served();
    }
  }

 private:
  Reply Answer(const HTTPServerRequest& request, HTTPServerResponse& response) const {
    const Route route = RouteOf(*site_, PathOf(request));
    if (route == nullptr) {
      return {HTTPResponse::HTTP_NOT_FOUND, kPlainText, "404 page not found\n"};
    }
    if (request.getMethod() != HTTPRequest::HTTP_GET &&
        request.getMethod() != HTTPRequest::HTTP_HEAD) {
      response.set("Allow", "GET, HEAD");
      response.setKeepAlive(false);
      return {HTTPResponse::HTTP_METHOD_NOT_ALLOWED, kPlainText, "405 method not allowed\n"};
    }
    try {
      return route(*site_);
    } catch (const std::exception&) {
      return {HTTPResponse::HTTP_INTERNAL_SERVER_ERROR, kPlainText, "500 internal error\n"};
    }
  }

  /// True when a whole body went out.
  static bool Send(const HTTPServerRequest& request, HTTPServerResponse& response,
                   const Reply& reply) {
    response.setStatusAndReason(reply.status);
    response.setContentType(std::string(reply.content_type));
    response.setContentLength64(static_cast<Poco::Int64>(reply.body.size()));
    std::ostream& out = response.send();
    if (request.getMethod() != HTTPRequest::HTTP_HEAD) {
      out << reply.body;
    }
    out.flush();
    return out.good() && request.getMethod() != HTTPRequest::HTTP_HEAD;
  }

  std::shared_ptr<const Site> site_;
};

}  // namespace

Poco::Net::HTTPRequestHandler* RequestHandlerFactory::createRequestHandler(
    const HTTPServerRequest& /*request*/) {
  return std::make_unique<RequestHandler>(site_).release();  // Poco deletes it.
}

}  // namespace acronis::exporter
