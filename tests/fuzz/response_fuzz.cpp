#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <Poco/String.h>

#include "plugin/api/response_reader.h"

namespace {

using acronis::Result;
using acronis::api::HttpResponse;
using acronis::api::ResponseReader;

constexpr ResponseReader::Limits kLimits = {.header_bytes = 1024, .body_bytes = 512};

struct Outcome {
  Result<HttpResponse> response;
  std::size_t received;
  bool keep_alive;
};

/// Reads a response that comes in pieces, after which the connection ends in good order.
Outcome Read(std::string_view bytes, std::size_t piece) {
  const auto next = [&](char* buffer, std::size_t size) -> Result<std::size_t> {
    const std::size_t count = std::min({piece, size, bytes.size()});
    std::copy_n(bytes.begin(), count, buffer);
    bytes.remove_prefix(count);
    return count;
  };
  ResponseReader reader({next, "peer"}, kLimits);
  auto response = reader.Read();
  return {std::move(response), reader.Received(), reader.KeepAlive()};
}

void Check(const Outcome& outcome, std::size_t sent) {
  if (outcome.received > std::min(sent, kLimits.body_bytes)) {
    std::abort();
  }
  if (!outcome.response) {
    return;
  }
  const HttpResponse& response = *outcome.response;
  const bool packed =
      std::any_of(response.headers.begin(), response.headers.end(), [](const auto& header) {
        return Poco::icompare(header.first, "Content-Encoding") == 0 && !header.second.empty();
      });
  const bool sized = response.body.size() <= kLimits.body_bytes &&
                     (packed || response.body.size() == outcome.received);
  if (!sized || response.status < 100 || response.status > 999) {
    std::abort();
  }
}

}  // namespace

/// The first byte is the size of the pieces; the rest is what a server sends. However it is cut,
/// the same response comes out; only bytes behind its end may not have been noticed yet.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = Read(bytes, bytes.size());
  const Outcome pieces = Read(bytes, std::size_t{1} + data[0]);
  Check(whole, bytes.size());
  Check(pieces, bytes.size());
  if (whole.response && (!pieces.response || pieces.response->body != whole.response->body ||
                         pieces.response->status != whole.response->status ||
                         pieces.response->headers != whole.response->headers ||
                         pieces.keep_alive != whole.keep_alive)) {
    std::abort();
  }
  return 0;
}
