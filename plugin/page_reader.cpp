#include "plugin/page_reader.h"

#include <exception>
#include <optional>
#include <utility>

#include <Poco/URI.h>

#include "plugin/api/basic_auth.h"
#include "plugin/api/error_body.h"
#include "plugin/api/poco_transport.h"
#include "plugin/api/secret_file.h"
#include "plugin/api/server_address.h"
#include "plugin/core/clock.h"
#include "plugin/core/secret.h"

namespace acronis {
namespace {

Error Refuse(std::string message) {
  return {ErrorKind::kInvalidArgument, std::move(message)};
}

/// What a URL says to the transport and to the server.
struct PageAddress {
  std::string base_url;
  std::string target;
  bool is_encrypted = false;
  bool may_carry_password = false;
};

std::optional<Poco::URI> ParseUri(const std::string& text) {
  try {
    return Poco::URI(text);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

bool NamesAPage(const Poco::URI& uri) {
  return (uri.getScheme() == "http" || uri.getScheme() == "https") && !uri.getHost().empty() &&
         uri.getUserInfo().empty() && uri.getFragment().empty();
}

Result<PageAddress> ParsePageUrl(const std::string& url) {
  const std::optional<Poco::URI> uri = ParseUri(url);
  if (!uri || !NamesAPage(*uri)) {
    const std::string shown = url.find('@') == std::string::npos ? url : "(hidden)";
    return Refuse("'" + shown + "' is not accepted: must be http[s]://HOST[:PORT][/PATH][?QUERY]");
  }
  PageAddress address;
  address.base_url = uri->getScheme() + "://" + uri->getAuthority();
  const std::string path = uri->getPathAndQuery();
  address.target = path.starts_with('/') ? path : "/" + path;
  const auto server = api::ParseBaseUrl(address.base_url, api::PlainHttp::kAnyHost);
  if (!server) {
    return server.error();
  }
  address.is_encrypted = server->tls;
  address.may_carry_password = server->tls || api::IsLoopback(server->host);
  return address;
}

Status CheckCredentials(const PageRequest& request, const PageAddress& address) {
  if (request.username.empty() != request.password_file.empty()) {
    return Refuse("a user name and a password file belong together: only one is given");
  }
  if (request.username.find(':') != std::string::npos) {
    return Refuse("a user name has no colon");
  }
  if (!request.username.empty() && !address.may_carry_password) {
    return Refuse("a password is sent over https, or to this machine: " + address.base_url +
                  " is neither");
  }
  return Ok{};
}

Status CheckIdentity(const PageRequest& request, const PageAddress& address) {
  if (request.cert_file.empty() != request.key_file.empty()) {
    return Refuse("a client's certificate and its key belong together: only one is given");
  }
  if (!request.cert_file.empty() && !address.is_encrypted) {
    return Refuse("a client's certificate is shown over https: " + address.base_url + " is not");
  }
  return Ok{};
}

/// The URL's parts, when all of the request is in order.
Result<PageAddress> AddressOf(const PageRequest& request) {
  Result<PageAddress> address = ParsePageUrl(request.url);
  if (!address) {
    return address;
  }
  for (const auto check : {CheckCredentials, CheckIdentity}) {
    if (Status checked = check(request, *address); !checked) {
      return std::move(checked).error();
    }
  }
  return address;
}

api::TransportOptions TransportOptionsOf(const PageRequest& request, const PageAddress& address) {
  api::TransportOptions options;
  options.base_url = address.base_url;
  options.plain_http = api::PlainHttp::kAnyHost;
  options.ca_file = request.ca_file;
  options.identity = {.cert_file = request.cert_file, .key_file = request.key_file};
  options.proxy_environment = request.proxy_environment;
  options.user_agent = request.user_agent;
  options.keep_alive = false;
  options.connect_timeout = request.timeout;
  options.request_timeout = request.timeout;
  return options;
}

/// What proves who we are; empty when nothing is to be proved.
Result<Secret> AuthorizationOf(const PageRequest& request) {
  if (request.username.empty()) {
    return Secret();
  }
  const Result<Secret> password = api::ReadSecretFile("password file", request.password_file);
  if (!password) {
    return password.error();
  }
  const Secret pair(request.username + ":" + password->Reveal());
  return Secret(api::BasicAuthorization(pair.Reveal()));
}

/// REQUIRES: `address` is that of the request.
Result<api::HttpResponse> Send(const PageRequest& request, const PageAddress& address,
                               const std::stop_token& stop) {
  const auto transport = api::MakePocoTransport(TransportOptionsOf(request, address));
  if (!transport) {
    return transport.error();
  }
  const Result<Secret> authorization = AuthorizationOf(request);
  if (!authorization) {
    return authorization.error();
  }
  api::HttpRequest get;
  get.target = address.target;
  if (!authorization->Empty()) {
    get.headers.emplace_back("Authorization", authorization->Reveal());
  }
  Result<api::HttpResponse> response = (*transport)->Send(get, stop);
  for (auto& [name, value] : get.headers) {
    WipeString(value);
  }
  return response;
}

}  // namespace

Status CheckPageRequest(const PageRequest& request) {
  const Result<PageAddress> address = AddressOf(request);
  return address ? Status(Ok{}) : address.error();
}

Result<std::string> ReadPage(const PageRequest& request, const std::stop_token& stop) {
  const Result<PageAddress> address = AddressOf(request);
  if (!address) {
    return address.error();
  }
  Result<api::HttpResponse> response = Send(request, *address, stop);
  if (!response) {
    return std::move(response).error();
  }
  if (response->status != 200) {
    return api::StatusError("GET " + request.url, *response, SystemClock().Now());
  }
  return std::move(response->body);
}

}  // namespace acronis
