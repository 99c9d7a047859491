#pragma once

#include <chrono>
#include <filesystem>
#include <stop_token>
#include <string>

#include "plugin/core/options.h"
#include "plugin/core/result.h"

namespace acronis {

/// One page of an HTTP server, such as the metrics of a running exporter.
struct PageRequest {
  /// `http[s]://host[:port][/path][?query]`. With credentials, http is for loopback only.
  std::string url{};
  std::string username{};                 ///< Empty: no credentials are sent.
  std::filesystem::path password_file{};  ///< Needed with a user, and only then.
  std::filesystem::path ca_file{};        ///< Trust anchors (PEM) besides the system's.
  std::filesystem::path cert_file{};      ///< The client's certificate (PEM), for https alone.
  std::filesystem::path key_file{};       ///< Its key (PEM), without a passphrase.
  ProxyEnvironment proxy_environment{};   ///< For https.
  std::chrono::nanoseconds timeout = std::chrono::seconds(10);  ///< The whole call.
  std::string user_agent{};
};

/// Checks the URL and what goes with it, without sending anything or opening a file.
/// kInvalidArgument; the message never shows a URL that holds a password.
Status CheckPageRequest(const PageRequest& request);

/// GETs the page once, on the calling thread: no redirect is followed, nothing is repeated.
///
/// The body is whole and unpacked. A status other than 200 is an error that names it (kAuth for
/// 401, and so on), and so is a password file that cannot be used; kCancelled when `stop` is
/// requested, which ends the call at once in every phase but the look-up of the name.
Result<std::string> ReadPage(const PageRequest& request, const std::stop_token& stop);

}  // namespace acronis
