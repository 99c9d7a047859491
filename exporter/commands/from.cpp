#include "exporter/commands/from.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "exporter/commands/version.h"

namespace acronis::exporter {
namespace {

std::string WithPath(const std::string& url) {
  constexpr std::string_view kSeparator = "://";
  const std::size_t scheme = url.find(kSeparator);
  if (scheme == std::string::npos) {
    return url;
  }
  const std::size_t end = url.find_first_of("/?#", scheme + kSeparator.size());
  const bool bare = end == std::string::npos || end + 1 == url.size();
  return bare ? url.substr(0, end) + "/metrics" : url;
}

}  // namespace

PageRequest RequestOf(const FromArguments& from, const ProxyEnvironment& proxy,
                      std::chrono::nanoseconds timeout) {
  return {.url = WithPath(from.url),
          .username = from.username,
          .password_file = from.password_file,
          .ca_file = from.ca_file,
          .cert_file = from.cert_file,
          .key_file = from.key_file,
          .proxy_environment = proxy,
          .timeout = timeout,
          .user_agent = UserAgent()};
}

}  // namespace acronis::exporter
