#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugin/core/result.h"

namespace acronis::api {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string target{};  ///< Path and query, percent-encoded, starting with `/`.
  HttpHeaders headers{};
  std::string body{};
  /// At most so long, where that is less than what the transport allows anyway.
  std::optional<std::chrono::nanoseconds> timeout{};
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers{};
  /// Complete: its length was checked against what the server announced. Unpacked if it came in
  /// gzip.
  std::string body{};

  /// First header of that name, case-insensitive; empty if there is none.
  std::string_view Header(std::string_view name) const;
};

/// Sends one request to one server and waits for the answer.
///
/// Any HTTP status is a success here: an Error means that there was no complete
/// response at all (kTimeout, kNetwork, kTls, kInvalidResponse for a body that
/// is cut, too large or malformed, kCancelled when `stop` was requested).
/// Implementations bound the whole call by their own deadline and never follow
/// redirects. One thread at a time; `stop` may be requested from any other.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual Result<HttpResponse> Send(const HttpRequest& request, const std::stop_token& stop) = 0;
  /// Body bytes that the last Send() read from the network, also if it failed. A body in gzip
  /// counts as it was sent.
  virtual std::size_t Received() const = 0;
};

}  // namespace acronis::api
