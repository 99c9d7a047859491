#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

#include "plugin/api/call_bounds.h"
#include "plugin/api/token_reply.h"
#include "plugin/api/traffic.h"
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
  virtual Result<Secret> Token(const CallBounds& bounds) = 0;
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
/// An endpoint that refuses the credentials, or whose fresh tokens are refused, is left alone for
/// 1 minute, then 2, ... 15; until then Token() fails without a request. A secret that has
/// changed meanwhile is tried at once. With a Traffic, what failed for another reason is not asked
/// again in the same poll cycle.
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
    Logger* log = nullptr;       ///< None: failed requests are not logged.
    Traffic* traffic = nullptr;  ///< None: no limit, and every request is sent once.
  };

  OAuthTokenSource(ClientCredentials credentials, Deps deps);

  Result<Secret> Token(const CallBounds& bounds) override;
  void Refused(const Secret& token) override;

 private:
  struct HeldToken {
    Secret token;
    MonotonicTime issued_at;
    MonotonicTime renew_at;
    MonotonicTime ends_at;
  };

  /// Why the endpoint is left alone for a while.
  struct Refusal {
    Error error;
    Secret secret;  ///< That was refused.
    MonotonicTime until;
  };

  /// A renewal that failed otherwise, and the cycle in which it did.
  struct Failure {
    Error error;
    std::uint64_t cycle = 0;
  };

  // All with mutex_ held.
  std::optional<Error> WhyNotAsk() const;
  /// The token that is held, if it is still good.
  Result<Secret> HeldOr(Error why) const;
  bool HoldsAGoodOne() const;
  void NoteFailure(const Error& error);
  void NoteRefusal(const Error& error, int refusals);
  Result<HeldToken> Renew(const CallBounds& bounds);
  Result<TokenReply> AskBase(const CallBounds& bounds);
  Result<TokenReply> ExchangeForTenant(const TokenReply& base, const CallBounds& bounds);
  /// Repeats what is worth it.
  Result<TokenReply> Post(HttpRequest request, std::optional<std::chrono::nanoseconds> life_limit,
                          const CallBounds& bounds);
  Result<TokenReply> PostOnce(HttpRequest request,
                              std::optional<std::chrono::nanoseconds> life_limit,
                              const CallBounds& bounds);
  Result<HttpResponse> Send(HttpRequest request, const CallBounds& bounds);
  void LogFailure(const Error& error, const std::string& request_id, const HttpResponse* response);
  Result<TokenReply> Read(const HttpResponse& response,
                          std::optional<std::chrono::nanoseconds> life_limit) const;
  Result<Secret> ReadSecret() const;

  ClientCredentials credentials_;
  Deps deps_;
  std::mutex mutex_;
  // All guarded by mutex_.
  std::optional<HeldToken> held_;
  std::optional<Refusal> refusal_;
  std::optional<Failure> failure_;
  Secret used_secret_;           ///< For the last request.
  int refused_credentials_ = 0;  ///< In a row.
  int refused_tokens_ = 0;       ///< In a row, each right after it was issued.
  std::optional<ErrorKind> failing_;
};

}  // namespace acronis::api
