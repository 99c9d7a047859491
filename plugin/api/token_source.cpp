#include "plugin/api/token_source.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <fstream>
#include <iterator>
#include <utility>

#include <Poco/URI.h>

#include "plugin/api/basic_auth.h"
#include "plugin/api/error_body.h"
#include "plugin/api/request_id.h"
#include "plugin/core/time_format.h"

namespace acronis::api {
namespace {

using std::chrono::nanoseconds;

constexpr char kTokenPath[] = "/api/2/idp/token";  // NOLINT(modernize-avoid-c-arrays): text
constexpr nanoseconds kRenewBefore = std::chrono::minutes(15);
constexpr nanoseconds kRenewalPause = std::chrono::minutes(1);
constexpr std::size_t kMaxSecretBytes = std::size_t{64} << 10U;

std::string FormEncode(const std::string& text) {
  std::string out;
  Poco::URI::encode(text, "!#$%&'()*+,/:;=?@[]", out);
  return out;
}

HttpRequest TokenRequest(std::string authorization, std::string form) {
  HttpRequest request;
  request.method = "POST";
  request.target = kTokenPath;
  request.headers = {{"Authorization", std::move(authorization)},
                     {"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}};
  request.body = std::move(form);
  return request;
}

/// 4xx means that these credentials will not do, whatever the exact status.
Error TokenStatusError(const HttpResponse& response, TimePoint now) {
  Error error = StatusError("token request", response, now);
  if (error.kind == ErrorKind::kForbidden || error.kind == ErrorKind::kNotFound ||
      error.kind == ErrorKind::kBadRequest) {
    error.kind = ErrorKind::kAuth;
  }
  return error;
}

}  // namespace

OAuthTokenSource::OAuthTokenSource(ClientCredentials credentials, Deps deps)
    : credentials_(std::move(credentials)), deps_(deps) {}

Result<Secret> OAuthTokenSource::Token(const std::stop_token& stop) {
  const std::lock_guard lock(mutex_);
  const auto now = deps_.clock.Monotonic();
  if (held_ && now < held_->renew_at) {
    return held_->token;
  }
  auto fresh = Renew(stop);
  if (fresh) {
    held_ = std::move(fresh).value();
    return held_->token;
  }
  const bool still_good = held_ && deps_.clock.Monotonic() < held_->ends_at;
  if (still_good && fresh.error().kind != ErrorKind::kCancelled) {
    held_->renew_at = deps_.clock.Monotonic() + kRenewalPause;
    return held_->token;
  }
  return std::move(fresh).error();
}

void OAuthTokenSource::Refused(const Secret& token) {
  const std::lock_guard lock(mutex_);
  if (held_ && held_->token.Reveal() == token.Reveal()) {
    held_.reset();
  }
}

Result<OAuthTokenSource::HeldToken> OAuthTokenSource::Renew(const std::stop_token& stop) {
  const auto asked_at = deps_.clock.Monotonic();
  auto reply = AskBase(stop);
  if (reply && !credentials_.tenant.empty()) {
    reply = ExchangeForTenant(*reply, stop);
  }
  if (!reply) {
    if (reply.error().kind != ErrorKind::kCancelled) {
      deps_.telemetry.TokenRefreshed(credentials_.account, false, std::nullopt);
    }
    return std::move(reply).error();
  }
  deps_.telemetry.TokenRefreshed(credentials_.account, true, reply->expires_at);
  const nanoseconds life = reply->life;
  return HeldToken{std::move(reply->token), asked_at + life - std::min(kRenewBefore, life / 2),
                   asked_at + life};
}

Result<TokenReply> OAuthTokenSource::AskBase(const std::stop_token& stop) {
  const auto secret = ReadSecret();
  if (!secret) {
    return secret.error();
  }
  auto request = TokenRequest(BasicAuthorization(credentials_.client_id + ":" + secret->Reveal()),
                              "grant_type=client_credentials");
  return Post(std::move(request), std::nullopt, stop);
}

Result<TokenReply> OAuthTokenSource::ExchangeForTenant(const TokenReply& base,
                                                       const std::stop_token& stop) {
  const std::string& token = base.token.Reveal();
  auto request = TokenRequest(
      "Bearer " + token, "grant_type=" + FormEncode("urn:ietf:params:oauth:grant-type:jwt-bearer") +
                             "&assertion=" + FormEncode(token) + "&scope=" +
                             FormEncode("urn:acronis.com:tenant-id:" + credentials_.tenant));
  return Post(std::move(request), base.life, stop);
}

Result<TokenReply> OAuthTokenSource::Post(HttpRequest request,
                                          std::optional<nanoseconds> life_limit,
                                          const std::stop_token& stop) {
  const std::string request_id = NewRequestId();
  request.headers.emplace_back(kRequestIdHeader, request_id);
  auto response = Send(std::move(request), stop);
  auto reply = response ? Read(*response, life_limit) : Result<TokenReply>(response.error());
  if (!reply && reply.error().kind != ErrorKind::kCancelled && deps_.log != nullptr) {
    deps_.log->Info("token request failed",
                    FailureFields(credentials_.account, reply.error(), request_id,
                                  response ? &response.value() : nullptr));
  }
  if (response) {
    WipeString(response->body);
  }
  return reply;
}

Result<HttpResponse> OAuthTokenSource::Send(HttpRequest request, const std::stop_token& stop) {
  const auto before = deps_.clock.Monotonic();
  auto response = deps_.transport.Send(request, stop);
  for (auto& header : request.headers) {
    WipeString(header.second);
  }
  WipeString(request.body);
  const auto took = deps_.clock.Monotonic() - before;
  if (response) {
    deps_.telemetry.RequestDone(credentials_.account, Endpoint::kToken, response->status, took,
                                response->body.size());
  } else if (response.error().kind != ErrorKind::kCancelled) {
    deps_.telemetry.RequestDone(credentials_.account, Endpoint::kToken, 0, took, 0);
  }
  return response;
}

Result<TokenReply> OAuthTokenSource::Read(const HttpResponse& response,
                                          std::optional<nanoseconds> life_limit) const {
  const TimePoint now = deps_.clock.Now();
  if (response.status != 200) {
    return TokenStatusError(response, now);
  }
  return ParseTokenReply(response.body, ParseHttpDate(response.Header("Date")).value_or(now),
                         life_limit);
}

Result<Secret> OAuthTokenSource::ReadSecret() const {
  if (credentials_.secret_file.empty()) {
    return credentials_.secret;
  }
  const auto refuse = [this](std::string_view problem) {
    return Error{ErrorKind::kAuth,
                 "client_secret_file " + credentials_.secret_file.string() + std::string(problem)};
  };
  std::error_code problem;
  if (!std::filesystem::is_regular_file(credentials_.secret_file, problem)) {
    return refuse(" is not a readable file");
  }
  std::ifstream file(credentials_.secret_file, std::ios::binary);
  std::string text(kMaxSecretBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || !file.is_open()) {
    return refuse(" cannot be read");
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxSecretBytes) {
    return refuse(" is too large for a secret");
  }
  text.erase(text.find_last_not_of("\r\n") + 1);
  if (text.empty()) {
    return refuse(" is empty");
  }
  return Secret(std::move(text));
}

}  // namespace acronis::api
