#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "exporter/config/web_config.h"

using acronis::exporter::ClientAuth;
using acronis::exporter::ParseWebConfig;
using acronis::exporter::TlsOptions;
using acronis::exporter::WebConfig;

namespace {

constexpr const char* kFile = "/nonexistent/web.yml";

void Require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

bool Verifies(const TlsOptions& tls) {
  return tls.client_auth == ClientAuth::kVerifyIfGiven ||
         tls.client_auth == ClientAuth::kRequireAndVerify;
}

/// What the header file promises of each configuration that was accepted.
void CheckAccepted(const WebConfig& config) {
  for (const auto& [user, hash] : config.basic_auth_users) {
    constexpr std::size_t kHashLength = 60;
    Require(user.find(':') == std::string::npos && hash.Reveal().size() == kHashLength);
  }
  for (const auto& [name, value] : config.headers) {
    Require(!name.empty() && value.find_first_of("\r\n") == std::string::npos);
  }
  Require(config.rate_limit.interval.count() == 0 || config.rate_limit.burst > 0);
  if (config.tls) {
    Require(!config.tls->certificates.empty() && !config.tls->key.Empty());
    Require(!Verifies(*config.tls) || !config.tls->client_ca.empty());
    Require(config.tls->min_version <= config.tls->max_version);
  }
}

}  // namespace

/// Nothing breaks the reader, and it names its file first whatever is wrong.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto reading =
      ParseWebConfig(std::string(reinterpret_cast<const char*>(data), size), kFile);
  Require(!reading.files.empty() && reading.files.front() == kFile);
  if (reading.config) {
    CheckAccepted(*reading.config);
  } else {
    Require(reading.config.error().message.starts_with(std::string(kFile) + ":"));
  }
  return 0;
}
