#pragma once

#include <chrono>
#include <filesystem>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "plugin/api/token_reply.h"
#include "plugin/api/transport.h"
#include "plugin/core/clock.h"
#include "plugin/core/logger.h"
#include "plugin/core/result.h"
#include "plugin/core/secret.h"
#include "plugin/core/telemetry.h"

namespace acronis::api {

/// Bearer tokens for one account.
class TokenSource {
 public:
  virtual ~TokenSource() = default;
  /// A token that is good for now; asks for a new one when it must. Thread-safe.
  virtual Result<Secret> Token(const std::stop_token& stop) = 0;
  /// The server refused `token`: the next Token() asks for another. Thread-safe.
  virtual void Refused(const Secret& token) = 0;
};

/// Who asks for a token, and for what.
struct ClientCredentials {
  std::string account{};  ///< The label under which requests are reported.
  std::string client_id{};
  Secret secret{};                      ///< Used when no file is given.
  std::filesystem::path secret_file{};  ///< Read anew for every token request.
  std::string tenant{};                 ///< A uuid: exchange the token for one of this tenant.
};

/// OAuth 2 client credentials against the platform's token endpoint.
///
/// Keeps one token and renews it 15 minutes before its end, or at half of its
/// life if that is shorter. How long it lives is the server's word in the
/// server's time (`expires_on` minus the reply's `Date`), measured from then on
/// with the monotonic clock. When a renewal fails, the old token serves until
/// its end, and the renewal is tried again a minute later at the earliest.
///
/// Errors: kAuth when the endpoint answers 4xx or the secret file cannot be used
/// (the message names it), else what the transport or the status says.
/// Borrows what is in Deps for its life; the transport is used under the source's
/// own lock, so it must not be shared with another thread.
class OAuthTokenSource final : public TokenSource {
 public:
  struct Deps {
    HttpTransport& transport;
    Clock& clock;
    Telemetry& telemetry;
    Logger* log = nullptr;  ///< None: failed requests are not logged.
  };

  OAuthTokenSource(ClientCredentials credentials, Deps deps);

  Result<Secret> Token(const std::stop_token& stop) override;
  void Refused(const Secret& token) override;

 private:
  struct HeldToken {
    Secret token;
    MonotonicTime renew_at;
    MonotonicTime ends_at;
  };

  Result<HeldToken> Renew(const std::stop_token& stop);
  Result<TokenReply> AskBase(const std::stop_token& stop);
  Result<TokenReply> ExchangeForTenant(const TokenReply& base, const std::stop_token& stop);
  Result<TokenReply> Post(HttpRequest request, std::optional<std::chrono::nanoseconds> life_limit,
                          const std::stop_token& stop);
  Result<HttpResponse> Send(HttpRequest request, const std::stop_token& stop);
  Result<TokenReply> Read(const HttpResponse& response,
                          std::optional<std::chrono::nanoseconds> life_limit) const;
  Result<Secret> ReadSecret() const;

  ClientCredentials credentials_;
  Deps deps_;
  std::mutex mutex_;
  std::optional<HeldToken> held_;  // Guarded by mutex_.
};

}  // namespace acronis::api
