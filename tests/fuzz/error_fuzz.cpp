#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "plugin/api/error_body.h"

/// Whatever an error's body holds: one short line without control characters.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(reinterpret_cast<const char*>(data), size);
  const std::string text = acronis::api::ReadErrorBody(body);
  const bool clean = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (text.size() > 200 || !clean) {
    std::abort();
  }
  acronis::api::HttpResponse response;
  response.status = 429;
  response.headers = {{"Retry-After", body}, {"Location", body}};
  const auto error = acronis::api::StatusError("fuzz", response, {});
  if (error.retry_after && (error.retry_after->count() < 0 || error.retry_after->count() > 300)) {
    std::abort();
  }
  response.status = 302;
  acronis::api::StatusError("fuzz", response, {});
  return 0;
}
