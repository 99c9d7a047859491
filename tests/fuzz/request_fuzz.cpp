#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <variant>

#include "exporter/web/http/request_parser.h"

namespace {

using acronis::exporter::http::Parsed;
using acronis::exporter::http::ParseRequest;

/// What would let two servers see different requests in the same bytes.
bool IsAmbiguous(const Parsed& parsed, const std::string& head) {
  const auto& request = parsed.request;
  const bool two_lengths =
      request.Find("content-length") != nullptr && request.Find("transfer-encoding") != nullptr;
  const std::size_t end = head.find("\r\n\r\n", head.starts_with("\r\n") ? 2 : 0);
  const std::size_t lone = head.find('\n');
  return two_lengths || end != head.size() - 4 || lone == 0 || head.find('\0') != std::string::npos;
}

}  // namespace

/// A head that is read ends where any server would see its end, and is read the same when more
/// follows it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto read = ParseRequest(bytes);
  const auto* const parsed = std::get_if<Parsed>(&read);
  if (parsed == nullptr) {
    return 0;
  }
  if (parsed->size > bytes.size() || IsAmbiguous(*parsed, bytes.substr(0, parsed->size))) {
    std::abort();
  }
  const auto again = ParseRequest(bytes.substr(0, parsed->size) + "GET / HTTP/1.1\r\n\r\n");
  const auto* const same = std::get_if<Parsed>(&again);
  if (same == nullptr || same->size != parsed->size || same->request.path != parsed->request.path) {
    std::abort();
  }
  return 0;
}
