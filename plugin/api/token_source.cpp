#include "plugin/api/token_source.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <utility>

#include <Poco/URI.h>

#include "plugin/api/basic_auth.h"
#include "plugin/api/error_body.h"
#include "plugin/api/request_id.h"
#include "plugin/api/secret_file.h"
#include "plugin/core/time_format.h"

namespace acronis::api {
namespace {

using std::chrono::nanoseconds;

constexpr char kTokenPath[] = "/api/2/idp/token";  // NOLINT(modernize-avoid-c-arrays): text
constexpr nanoseconds kRenewBefore = std::chrono::minutes(15);
constexpr nanoseconds kRenewalPause = std::chrono::minutes(1);
/// A token that is refused so soon after it was issued was never any good.
constexpr nanoseconds kFresh = std::chrono::minutes(1);

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

void WipeRequest(HttpRequest& request) {
  for (auto& header : request.headers) {
    WipeString(header.second);
  }
  WipeString(request.body);
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

Result<Secret> OAuthTokenSource::Token(const CallBounds& bounds) {
  const std::lock_guard lock(mutex_);
  const auto now = deps_.clock.Monotonic();
  if (held_ && now < held_->renew_at) {
    return held_->token;
  }
  if (auto why = WhyNotAsk()) {
    return HeldOr(*std::move(why));
  }
  auto fresh = Renew(bounds);
  if (fresh) {
    refused_tokens_ = held_ ? 0 : refused_tokens_;
    held_ = std::move(fresh).value();
    return held_->token;
  }
  if (fresh.error().kind != ErrorKind::kCancelled) {
    NoteFailure(fresh.error());
  }
  return HeldOr(std::move(fresh).error());
}

Result<Secret> OAuthTokenSource::HeldOr(Error why) const {
  return HoldsAGoodOne() ? Result<Secret>(held_->token) : std::move(why);
}

bool OAuthTokenSource::HoldsAGoodOne() const {
  return held_ && deps_.clock.Monotonic() < held_->ends_at;
}

void OAuthTokenSource::NoteFailure(const Error& error) {
  if (HoldsAGoodOne()) {
    held_->renew_at = deps_.clock.Monotonic() + kRenewalPause;
  } else if (deps_.traffic != nullptr) {
    failure_ = Failure{.error = error, .cycle = deps_.traffic->Cycle()};
  }
}

void OAuthTokenSource::Refused(const Secret& token) {
  const std::lock_guard lock(mutex_);
  if (!held_ || held_->token.Reveal() != token.Reveal()) {
    return;
  }
  const bool fresh = deps_.clock.Monotonic() - held_->issued_at < kFresh;
  refused_tokens_ = fresh ? refused_tokens_ + 1 : 0;
  held_.reset();
  if (refused_tokens_ > 1) {
    NoteRefusal({ErrorKind::kAuth, "task query: the service refuses the tokens that it has issued"},
                refused_tokens_ - 1);
  }
}

std::optional<Error> OAuthTokenSource::WhyNotAsk() const {
  const auto now = deps_.clock.Monotonic();
  if (failure_ && failure_->cycle == deps_.traffic->Cycle()) {
    return failure_->error;
  }
  if (!refusal_ || now >= refusal_->until) {
    return std::nullopt;
  }
  const auto secret = ReadSecret();
  if (secret && secret->Reveal() != refusal_->secret.Reveal()) {
    return std::nullopt;
  }
  Error error = refusal_->error;
  const auto left = std::chrono::ceil<std::chrono::seconds>(refusal_->until - now);
  error.message +=
      "; asked again in " + std::to_string(left.count()) + " s, or when the secret changes";
  return error;
}

void OAuthTokenSource::NoteRefusal(const Error& error, int refusals) {
  refusal_ = Refusal{.error = error,
                     .secret = used_secret_,
                     .until = deps_.clock.Monotonic() + PauseAfterRefusals(refusals)};
}

Result<OAuthTokenSource::HeldToken> OAuthTokenSource::Renew(const CallBounds& bounds) {
  const auto asked_at = deps_.clock.Monotonic();
  auto reply = AskBase(bounds);
  if (reply && !credentials_.tenant.empty()) {
    reply = ExchangeForTenant(*reply, bounds);
  }
  if (!reply) {
    const Error& error = reply.error();
    if (error.kind != ErrorKind::kCancelled) {
      deps_.telemetry.TokenRefreshed(credentials_.account, false, std::nullopt);
    }
    if (error.kind == ErrorKind::kAuth && error.http_status != 0) {
      NoteRefusal(error, ++refused_credentials_);
    }
    return error;
  }
  deps_.telemetry.TokenRefreshed(credentials_.account, true, reply->expires_at);
  refusal_.reset();
  failure_.reset();
  refused_credentials_ = 0;
  failing_.reset();
  const nanoseconds life = reply->life;
  return HeldToken{std::move(reply->token), deps_.clock.Monotonic(),
                   asked_at + life - std::min(kRenewBefore, life / 2), asked_at + life};
}

Result<TokenReply> OAuthTokenSource::AskBase(const CallBounds& bounds) {
  auto secret = ReadSecret();
  if (!secret) {
    return std::move(secret).error();
  }
  used_secret_ = *std::move(secret);
  auto request =
      TokenRequest(BasicAuthorization(credentials_.client_id + ":" + used_secret_.Reveal()),
                   "grant_type=client_credentials");
  return Post(std::move(request), std::nullopt, bounds);
}

Result<TokenReply> OAuthTokenSource::ExchangeForTenant(const TokenReply& base,
                                                       const CallBounds& bounds) {
  const std::string& token = base.token.Reveal();
  auto request = TokenRequest(
      "Bearer " + token, "grant_type=" + FormEncode("urn:ietf:params:oauth:grant-type:jwt-bearer") +
                             "&assertion=" + FormEncode(token) + "&scope=" +
                             FormEncode("urn:acronis.com:tenant-id:" + credentials_.tenant));
  return Post(std::move(request), base.life, bounds);
}

Result<TokenReply> OAuthTokenSource::Post(HttpRequest request,
                                          std::optional<nanoseconds> life_limit,
                                          const CallBounds& bounds) {
  auto reply = PostOnce(request, life_limit, bounds);
  for (int retries = 0; !reply && deps_.traffic != nullptr &&
                        deps_.traffic->WaitToRetry(reply.error(), retries, bounds);
       ++retries) {
    reply = PostOnce(request, life_limit, bounds);
  }
  WipeRequest(request);
  return reply;
}

Result<TokenReply> OAuthTokenSource::PostOnce(HttpRequest request,
                                              std::optional<nanoseconds> life_limit,
                                              const CallBounds& bounds) {
  const std::string request_id = NewRequestId();
  request.headers.emplace_back(kRequestIdHeader, request_id);
  const std::string& authorization = request.headers.front().second;
  const std::array sent = {used_secret_, Secret(authorization.substr(authorization.find(' ') + 1))};
  auto response = Send(std::move(request), bounds);
  if (response && response->status != 200) {
    Conceal(*response, sent);
  }
  auto reply = response ? Read(*response, life_limit) : Result<TokenReply>(response.error());
  if (!reply && reply.error().kind != ErrorKind::kCancelled) {
    LogFailure(reply.error(), request_id, response ? &response.value() : nullptr);
  }
  if (response) {
    WipeString(response->body);
  }
  return reply;
}

Result<HttpResponse> OAuthTokenSource::Send(HttpRequest request, const CallBounds& bounds) {
  if (deps_.traffic != nullptr) {
    if (auto admitted = deps_.traffic->Admit(bounds); !admitted) {
      return std::move(admitted).error();
    }
  }
  const auto before = deps_.clock.Monotonic();
  if (bounds.give_up_at) {
    request.timeout = *bounds.give_up_at - before;
  }
  auto response = deps_.transport.Send(request, bounds.stop);
  WipeRequest(request);
  const auto now = deps_.clock.Monotonic();
  const auto took = now - before;
  if (response) {
    deps_.telemetry.RequestDone(credentials_.account, Endpoint::kToken, response->status, took,
                                deps_.transport.Received());
  } else if (response.error().kind != ErrorKind::kCancelled) {
    deps_.telemetry.RequestDone(credentials_.account, Endpoint::kToken, 0, took,
                                deps_.transport.Received());
    if (bounds.EndWithin({}, now)) {
      return Error{ErrorKind::kCancelled, "token request: stopped"};
    }
  }
  return response;
}

void OAuthTokenSource::LogFailure(const Error& error, const std::string& request_id,
                                  const HttpResponse* response) {
  if (deps_.log == nullptr) {
    return;
  }
  const auto fields = FailureFields(credentials_.account, error, request_id, response);
  if (std::exchange(failing_, error.kind) != error.kind) {
    deps_.log->Info("token request failed", fields);
  } else {
    deps_.log->Debug("token request failed again", fields);
  }
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
  return credentials_.secret_file.empty()
             ? Result<Secret>(credentials_.secret)
             : ReadSecretFile("client_secret_file", credentials_.secret_file);
}

}  // namespace acronis::api
