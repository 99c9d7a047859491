#include "plugin/simulator/token_endpoint.h"

#include <algorithm>
#include <utility>

#include "plugin/simulator/dice.h"
#include "plugin/simulator/error_body.h"
#include "plugin/simulator/text_format.h"

namespace acronis::simulator {

namespace {

constexpr std::string_view kTenantScope = "urn:acronis.com:tenant-id:";
constexpr std::string_view kExchange = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// What every signature begins with: a piece of a token is known for one wherever it turns up.
constexpr std::string_view kSigner = "signed-by-simulator:";

/// The text behind `scheme` and a space, whatever the case of the scheme.
std::string_view Credentials(std::string_view authorization, std::string_view scheme) {
  if (authorization.size() <= scheme.size() || authorization[scheme.size()] != ' ' ||
      ToLower(authorization.substr(0, scheme.size())) != scheme) {
    return {};
  }
  return authorization.substr(scheme.size() + 1);
}

/// Takes the same time wherever the texts differ.
bool SameSecret(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() && !a.empty() ? 0 : 1;
  for (std::size_t n = 0; n < std::min(a.size(), b.size()); ++n) {
    difference |= static_cast<unsigned char>(a[n]) ^ static_cast<unsigned char>(b[n]);
  }
  return difference == 0;
}

std::string ExpiryField(std::int64_t now, std::int64_t expires, const std::string& fault) {
  if (fault == "missing") {
    return {};
  }
  if (fault == "string") {
    return R"("expires_on":"tomorrow",)";
  }
  if (fault == "expires_in") {
    return R"("expires_in":)" + std::to_string(expires - now) + ',';
  }
  if (fault == "negative") {
    return R"("expires_on":-1,)";
  }
  if (fault == "huge") {
    return R"("expires_on":9223372036854775807,)";
  }
  if (!fault.empty()) {
    return R"("expires_on":)" + std::to_string(now + std::atoll(fault.c_str())) + ',';
  }
  return R"("expires_on":)" + std::to_string(expires) + ',';
}

std::string MakeToken(const Grant& grant, std::uint64_t serial, std::uint64_t seed) {
  const std::string header = EncodeBase64Url(R"({"alg":"RS256","typ":"JWT"})");
  const std::string payload =
      EncodeBase64Url(R"({"sub":)" + JsonString(grant.client_id) + R"(,"exp":)" +
                      std::to_string(grant.expires) + R"(,"jti":")" + Uuid(Mix(seed, serial)) +
                      R"(","scope":[{"rs":"task-manager","role":"viewer"}]})");
  return header + '.' + payload + '.' +
         EncodeBase64Url(std::string(kSigner) + Uuid(Mix(serial, seed)) + Uuid(Mix(serial, ~seed)));
}

}  // namespace

TokenEndpoint::TokenEndpoint(const SimulatorOptions& options, const std::vector<Tenant>& tenants)
    : seed_(options.seed),
      life_(options.token_life.count()),
      style_(options.error_style),
      tenants_(tenants),
      root_(RootTenant(options.seed)) {
  AddClient(options.client_id, options.client_secret);
}

void TokenEndpoint::AddClient(const std::string& client_id, Secret secret) {
  clients_.insert_or_assign(client_id, std::move(secret));
}

bool TokenEndpoint::ApplyScope(Grant& grant, std::string_view scope) const {
  if (!scope.starts_with(kTenantScope)) {
    return scope.empty() || scope == "openid" || scope == "offline_access";
  }
  const std::string uuid = ToLower(scope.substr(kTenantScope.size()));
  if (uuid == root_.uuid) {
    return true;
  }
  const auto found = std::find_if(tenants_.begin(), tenants_.end(),
                                  [&](const Tenant& tenant) { return tenant.uuid == uuid; });
  if (found == tenants_.end() || !found->locator.starts_with(grant.locator)) {
    return false;
  }
  grant.locator = found->locator;
  return true;
}

Reply TokenEndpoint::GiveOut(Grant grant, std::int64_t now, const std::vector<Fault>& faults) {
  const auto fault = std::find_if(faults.begin(), faults.end(),
                                  [](const Fault& f) { return f.name == "token_expiry"; });
  const std::string token = MakeToken(grant, ++issued_, seed_);
  const std::string expiry =
      ExpiryField(now, grant.expires, fault == faults.end() ? std::string() : fault->value);
  std::erase_if(grants_, [now](const auto& entry) { return entry.second.expires <= now; });
  grants_.insert_or_assign(token, std::move(grant));
  Reply reply = JsonReply(R"({"access_token":")" + token + R"(",)" + expiry + R"("id_token":")" +
                          token + R"(","token_type":"bearer"})");
  SetHeader(reply.headers, "Cache-Control", "no-store");
  SetHeader(reply.headers, "Pragma", "no-cache");
  return reply;
}

Reply TokenEndpoint::IssueForSecret(const Request& request, const Parameters& form,
                                    std::int64_t now, const std::vector<Fault>& faults) {
  const auto pair =
      DecodeBase64(Credentials(FindHeader(request.headers, "Authorization"), "basic"));
  const std::size_t colon = pair ? pair->find(':') : std::string::npos;
  const auto client =
      colon == std::string::npos ? clients_.end() : clients_.find(pair->substr(0, colon));
  if (client == clients_.end() ||
      !SameSecret(client->second.Reveal(), std::string_view(*pair).substr(colon + 1))) {
    return ErrorReply(401, "authenticationFailed", "Authentication has failed.", style_);
  }
  Grant grant{client->first, root_.locator, now + life_};
  if (!ApplyScope(grant, FirstParameter(form, "scope"))) {
    return ErrorReply(400, "invalidScope", "Unknown scope.", style_);
  }
  return GiveOut(std::move(grant), now, faults);
}

Reply TokenEndpoint::IssueForTenant(const Request& request, const Parameters& form,
                                    std::int64_t now, const std::vector<Fault>& faults) {
  const auto base = Check(FindHeader(request.headers, "Authorization"), now);
  const auto assertion = Check("Bearer " + FirstParameter(form, "assertion"), now);
  if (!base || !assertion || base->client_id != assertion->client_id) {
    return ErrorReply(401, "authenticationFailed", "Authentication has failed.", style_);
  }
  // The narrow token ends with the one it was made from.
  Grant grant = *assertion;
  const std::string scope = FirstParameter(form, "scope");
  if (scope.empty() || !ApplyScope(grant, scope)) {
    return ErrorReply(400, "invalidScope", "Unknown scope.", style_);
  }
  return GiveOut(std::move(grant), now, faults);
}

Reply TokenEndpoint::Issue(const Request& request, std::int64_t now,
                           const std::vector<Fault>& faults) {
  if (request.method != "POST") {
    return ErrorReply(405, "methodNotAllowed", "Method not allowed.", style_);
  }
  if (!FindHeader(request.headers, "Content-Type")
           .starts_with("application/x-www-form-urlencoded")) {
    return ErrorReply(415, "unsupportedMediaType", "Unsupported media type.", style_);
  }
  const Parameters form = ParseParameters(request.body);
  const std::string grant_type = FirstParameter(form, "grant_type");
  if (grant_type == "client_credentials") {
    return IssueForSecret(request, form, now, faults);
  }
  if (grant_type == kExchange) {
    return IssueForTenant(request, form, now, faults);
  }
  return ErrorReply(400, "unsupportedGrantType", "Unsupported grant type.", style_);
}

std::optional<Grant> TokenEndpoint::Check(std::string_view authorization, std::int64_t now) const {
  const auto found = grants_.find(std::string(Credentials(authorization, "bearer")));
  if (found == grants_.end() || found->second.expires <= now) {
    return std::nullopt;
  }
  return found->second;
}

}  // namespace acronis::simulator
