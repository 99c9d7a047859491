#pragma once

#include <memory>
#include <string>

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
/// Sends nothing until the client is used. Borrows `deps` for its life. One thread at a time;
/// a stop token given to the client may be triggered from any thread.
class AccountApi {
 public:
  struct Deps {
    Clock& clock;
    Logger& log;
    Telemetry& telemetry;
  };

  /// Reads the CA file and checks the URLs. Errors are kInvalidArgument and name the key of
  /// the account that is wrong.
  static Result<std::unique_ptr<AccountApi>> Open(const AccountOptions& account,
                                                  const std::string& user_agent, Deps deps);

  TaskClient& Client() { return client_; }
  Traffic& SharedTraffic() { return traffic_; }

 private:
  struct Transports {
    std::unique_ptr<HttpTransport> token;
    std::unique_ptr<HttpTransport> tasks;
  };
  AccountApi(const AccountOptions& account, Transports transports, Deps deps);

  Transports transports_;
  api::Traffic traffic_;
  OAuthTokenSource tokens_;
  TaskClient client_;
};

}  // namespace acronis::api
