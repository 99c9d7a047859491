#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plugin/core/secret.h"
#include "plugin/simulator/fault_board.h"
#include "plugin/simulator/http_message.h"
#include "plugin/simulator/simulator_options.h"
#include "plugin/simulator/tenant_list.h"
#include "plugin/simulator/url_query.h"

namespace acronis::simulator {

/// What a token allows.
struct Grant {
  std::string client_id{};
  std::string locator{};     ///< Only tenants below this path.
  std::int64_t expires = 0;  ///< Unix seconds.
};

/// Gives out bearer tokens for client credentials and checks them. Not thread-safe.
class TokenEndpoint {
 public:
  /// Borrows the tenants.
  TokenEndpoint(const SimulatorOptions& options, const std::vector<Tenant>& tenants);

  void AddClient(const std::string& client_id, Secret secret);
  void RevokeAll() { grants_.clear(); }

  /// Answers `POST /api/2/idp/token`. `now` in Unix seconds; `faults` may hold `token_expiry`.
  Reply Issue(const Request& request, std::int64_t now, const std::vector<Fault>& faults);

  /// The grant behind an `Authorization` header; empty for a missing, unknown or expired token.
  std::optional<Grant> Check(std::string_view authorization, std::int64_t now) const;

 private:
  Reply IssueForSecret(const Request& request, const Parameters& form, std::int64_t now,
                       const std::vector<Fault>& faults);
  Reply IssueForTenant(const Request& request, const Parameters& form, std::int64_t now,
                       const std::vector<Fault>& faults);
  Reply GiveOut(Grant grant, std::int64_t now, const std::vector<Fault>& faults);
  /// Narrows the grant to the tenant that `scope` names; false for an unknown one.
  bool ApplyScope(Grant& grant, std::string_view scope) const;

  std::uint64_t seed_;
  std::int64_t life_;
  ErrorBodyStyle style_;
  const std::vector<Tenant>& tenants_;
  Tenant root_;
  std::map<std::string, Secret> clients_;
  std::unordered_map<std::string, Grant> grants_;
  std::uint64_t issued_ = 0;
};

}  // namespace acronis::simulator
