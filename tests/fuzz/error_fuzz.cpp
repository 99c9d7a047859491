#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "plugin/api/error_body.h"

namespace {

/// What a log line may hold.
bool IsOneShortLine(const std::string& text, std::size_t most) {
  return text.size() <= most && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
         });
}

}  // namespace

/// Whatever an error's body or the target of a redirect holds: one short line without control
/// characters.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMostText = 200;
  const std::string body(reinterpret_cast<const char*>(data), size);
  if (!IsOneShortLine(acronis::api::ReadErrorBody(body), kMostText)) {
    std::abort();
  }
  for (const int status : {302, 429, 500}) {
    const auto error = acronis::api::StatusError("fuzz", {status, {{"Location", body}}, body}, {});
    if (error.http_status != status || !IsOneShortLine(error.message, kMostText + 100)) {
      std::abort();
    }
  }
  return 0;
}
