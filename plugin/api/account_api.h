#pragma once

#include <memory>
#include <string>

#include "plugin/api/poco_transport.h"
#include "plugin/api/session.h"
#include "plugin/api/task_client.h"
#include "plugin/api/token_source.h"
#include "plugin/api/traffic.h"
#include "plugin/api/transport.h"
#include "plugin/core/clock.h"
#include "plugin/core/logger.h"
#include "plugin/core/options.h"
#include "plugin/core/result.h"
#include "plugin/core/telemetry.h"

namespace acronis::api {

/// Everything one account needs to be read: connections, request limit, tokens and client, wired.
///
/// Sends nothing until a client is used. Borrows `deps` for its life. Each client is for one thread
/// at a time; a stop token given to it may be triggered from any thread.
class AccountApi final : public SessionSource {
 public:
  struct Deps {
    Clock& clock;
    Logger& log;
    Telemetry& telemetry;
    SessionCap* sessions = nullptr;  ///< None: no further sessions.
  };

  /// Reads the CA file and checks the URLs. Errors are kInvalidArgument and name the key of
  /// the account that is wrong.
  static Result<std::unique_ptr<AccountApi>> Open(const AccountOptions& account,
                                                  const std::string& user_agent, Deps deps);

  TaskClient& Client() { return client_; }
  Traffic& SharedTraffic() { return traffic_; }
  std::unique_ptr<Session> Lease() override;

 private:
  struct Transports {
    std::unique_ptr<HttpTransport> token;
    std::unique_ptr<HttpTransport> tasks;
  };
  class Further;

  AccountApi(const AccountOptions& account, TransportOptions options, Transports transports,
             Deps deps);
  TaskClient::Deps ClientDeps(HttpTransport& transport);

  std::string account_;
  TransportOptions options_;
  Deps deps_;
  Transports transports_;
  api::Traffic traffic_;
  OAuthTokenSource tokens_;
  TaskClient client_;
};

}  // namespace acronis::api
