#include "plugin/account_identity.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "plugin/api/server_address.h"
#include "plugin/core/time_format.h"

namespace acronis {
namespace {

std::string TextOf(const StartAt& start) {
  if (const auto* const back = std::get_if<std::chrono::nanoseconds>(&start.value)) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(*back).count()) +
           "s back";
  }
  const auto* const date = std::get_if<TimePoint>(&start.value);
  return date == nullptr ? "now" : FormatRfc3339(*date);
}

std::string TextOf(std::vector<std::pair<std::string, std::string>> filters) {
  std::ranges::sort(filters);
  std::string text;
  for (const auto& [field, value] : filters) {
    text += text.empty() ? "" : "&";
    text += field;
    text += '=';
    text += value;
  }
  return text;
}

}  // namespace

ledger::AccountIdentity IdentityOf(const AccountOptions& options) {
  const api::ServerAddress address = *api::ParseBaseUrl(options.base_url);
  return {.name = options.name,
          .base_url = (address.tls ? "https://" : "http://") + address.HostPort() + address.path,
          .tenant = options.tenant,
          .filters = TextOf(options.filters),
          .start = TextOf(options.poll.start)};
}

}  // namespace acronis
