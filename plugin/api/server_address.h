#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "plugin/core/options.h"
#include "plugin/core/result.h"
#include "plugin/core/secret.h"

namespace acronis::api {

/// To which hosts bytes may go in the open.
enum class PlainHttp { kLoopbackOnly, kAnyHost };

/// A server as a base URL names it.
struct ServerAddress {
  bool tls = true;
  std::string host{};  ///< A name, or an IP address without brackets.
  std::uint16_t port = 443;
  std::string path{};  ///< Put before every target; empty, or begins with `/` and does not end so.

  /// `host:port`, IPv6 in brackets.
  std::string HostPort() const;
  /// What belongs into the Host header: without the port if it is the usual one.
  std::string HostHeader() const;
};

/// A proxy that is asked to CONNECT.
struct ProxyAddress {
  ServerAddress server{};
  Secret credentials{};  ///< `user:password`; may be empty.
};

/// `https://host[:port][/path]`; `http` is accepted as `plain` says: for loopback alone where
/// tokens would travel in the open. kInvalidArgument names `base_url`.
Result<ServerAddress> ParseBaseUrl(const std::string& url,
                                   PlainHttp plain = PlainHttp::kLoopbackOnly);

/// `localhost`, or an address that never leaves the machine.
bool IsLoopback(const std::string& host);

/// The proxy on the way to `server`: `proxy_url`, else the environment's unless its no_proxy
/// names the server. None for plain http: the environment names a proxy for https only.
/// kInvalidArgument never shows the URL, which may hold a password.
Result<std::optional<ProxyAddress>> ChooseProxy(const std::string& proxy_url,
                                                const ProxyEnvironment& environment,
                                                const ServerAddress& server);

}  // namespace acronis::api
