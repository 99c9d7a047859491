#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "exporter/web/auth/credentials.h"
#include "plugin/api/basic_auth.h"

using acronis::api::BasicAuthorization;
using acronis::exporter::ReadBasicCredentials;

namespace {

void Require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

/// What is read is what was encoded, and there is one way only to encode it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  if (const auto read = ReadBasicCredentials(input)) {
    const std::string again = BasicAuthorization(read->user + ":" + read->password.Reveal());
    constexpr std::size_t kScheme = 6;
    Require(again.substr(kScheme) == input.substr(kScheme));
  }
  const auto colon = input.find(':');
  const auto read = ReadBasicCredentials(BasicAuthorization(input));
  Require(read.has_value() == (colon != std::string::npos));
  Require(!read || (read->user == input.substr(0, colon) &&
                    read->password.Reveal() == input.substr(colon + 1)));
  return 0;
}
