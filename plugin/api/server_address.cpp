#include "plugin/api/server_address.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <Poco/Net/IPAddress.h>
#include <Poco/String.h>
#include <Poco/StringTokenizer.h>
#include <Poco/URI.h>

namespace acronis::api {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;
constexpr std::uint16_t kProxyPort = 3128;

std::string Bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

std::string WithoutBrackets(const std::string& host) {
  return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
}

std::optional<Poco::URI> ParseUri(const std::string& text) {
  try {
    return Poco::URI(text);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

/// One entry of NO_PROXY: `*`, a host or a domain with all that is below it, a port if given.
bool Excludes(std::string entry, const ServerAddress& server) {
  if (entry == "*") {
    return true;
  }
  const std::string port = ":" + std::to_string(server.port);
  if (entry.ends_with(port) && entry != server.host) {
    entry.resize(entry.size() - port.size());
  }
  entry = Poco::toLower(WithoutBrackets(entry));
  if (entry.starts_with("*.")) {
    entry.erase(0, 1);
  }
  const std::string host = Poco::toLower(server.host);
  const std::string domain = entry.starts_with('.') ? entry : "." + entry;
  return host == entry || ("." + host).ends_with(domain);
}

bool IsExcluded(const std::string& no_proxy, const ServerAddress& server) {
  const Poco::StringTokenizer entries(
      no_proxy, ",", Poco::StringTokenizer::TOK_TRIM | Poco::StringTokenizer::TOK_IGNORE_EMPTY);
  return std::any_of(entries.begin(), entries.end(),
                     [&](const std::string& entry) { return Excludes(entry, server); });
}

std::string Decoded(const std::string& text) {
  std::string out;
  Poco::URI::decode(text, out);
  return out;
}

Result<std::optional<ProxyAddress>> ParseProxy(const std::string& key, const std::string& url) {
  const auto uri = ParseUri(url.find("://") == std::string::npos ? "http://" + url : url);
  if (!uri || uri->getScheme() != "http" || uri->getHost().empty()) {
    return Error{ErrorKind::kInvalidArgument,
                 key + ": not a proxy; accepted is http://[user:password@]host[:port]"};
  }
  ProxyAddress proxy;
  proxy.server.tls = false;
  proxy.server.host = WithoutBrackets(uri->getHost());
  const bool has_port = url.find(":" + std::to_string(uri->getPort())) != std::string::npos;
  proxy.server.port = has_port ? uri->getPort() : kProxyPort;
  try {
    proxy.credentials = Secret(Decoded(uri->getUserInfo()));
  } catch (const std::exception&) {
    return Error{ErrorKind::kInvalidArgument, key + ": user or password is not percent-encoded"};
  }
  return std::optional(std::move(proxy));
}

}  // namespace

std::string ServerAddress::HostPort() const {
  return Bracketed(host) + ":" + std::to_string(port);
}

std::string ServerAddress::HostHeader() const {
  return port == (tls ? kHttpsPort : kHttpPort) ? Bracketed(host) : HostPort();
}

bool IsLoopback(const std::string& host) {
  Poco::Net::IPAddress address;
  return Poco::icompare(host, "localhost") == 0 ||
         (Poco::Net::IPAddress::tryParse(host, address) && address.isLoopback());
}

Result<ServerAddress> ParseBaseUrl(const std::string& url, PlainHttp plain) {
  const auto refuse = [](const std::string& problem) {
    return Error{ErrorKind::kInvalidArgument,
                 "base_url: " + problem + "; accepted is https://host[:port][/path]"};
  };
  const auto uri = ParseUri(url);
  if (!uri || uri->getHost().empty() ||
      (uri->getScheme() != "https" && uri->getScheme() != "http")) {
    return refuse("'" + url + "' is not a URL of a server");
  }
  if (!uri->getUserInfo().empty() || !uri->getRawQuery().empty() || !uri->getFragment().empty()) {
    return refuse("user, query and fragment have no place in it");
  }
  ServerAddress server;
  server.tls = uri->getScheme() == "https";
  server.host = WithoutBrackets(uri->getHost());
  server.port = uri->getPort();
  server.path = uri->getRawQuery().empty() ? uri->getPathEtc() : "";
  server.path.erase(server.path.find_last_not_of('/') + 1);
  if (!server.tls && plain == PlainHttp::kLoopbackOnly && !IsLoopback(server.host)) {
    return refuse("http is accepted for loopback only, '" + server.host + "' is not");
  }
  return server;
}

Result<std::optional<ProxyAddress>> ChooseProxy(const std::string& proxy_url,
                                                const ProxyEnvironment& environment,
                                                const ServerAddress& server) {
  if (!server.tls) {
    return std::optional<ProxyAddress>();
  }
  if (!proxy_url.empty()) {
    return ParseProxy("proxy_url", proxy_url);
  }
  const bool direct = environment.https_proxy.empty() || IsLoopback(server.host) ||
                      IsExcluded(environment.no_proxy, server);
  return direct ? Result<std::optional<ProxyAddress>>(std::optional<ProxyAddress>())
                : ParseProxy("HTTPS_PROXY", environment.https_proxy);
}

}  // namespace acronis::api
