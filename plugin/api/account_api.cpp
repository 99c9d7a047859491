#include "plugin/api/account_api.h"

#include <utility>

#include "plugin/api/poco_transport.h"

namespace acronis::api {
namespace {

ClientCredentials CredentialsOf(const AccountOptions& account) {
  return {account.name, account.client_id, account.client_secret, account.client_secret_file,
          account.tenant};
}

Result<std::unique_ptr<HttpTransport>> MakeTransport(const AccountOptions& account,
                                                     const std::string& user_agent,
                                                     Telemetry& telemetry) {
  TransportOptions options;
  options.base_url = account.base_url;
  options.ca_file = account.ca_file;
  options.proxy_url = account.proxy_url;
  options.proxy_environment = account.proxy_environment;
  options.user_agent = user_agent;
  options.connect_timeout = account.poll.connect_timeout;
  options.request_timeout = account.poll.request_timeout;
  options.on_retry = [&telemetry, name = account.name] {
    telemetry.Retried(name, ErrorKind::kNetwork);
  };
  return MakePocoTransport(std::move(options));
}

}  // namespace

Result<std::unique_ptr<AccountApi>> AccountApi::Open(const AccountOptions& account,
                                                     const std::string& user_agent, Deps deps) {
  // Tokens are asked for rarely and under a lock of their own: a connection of their own.
  auto token = MakeTransport(account, user_agent, deps.telemetry);
  auto tasks = MakeTransport(account, user_agent, deps.telemetry);
  for (const auto* made : {&token, &tasks}) {
    if (!*made) {
      Error error = made->error();
      error.message = "account " + account.name + ": " + error.message;
      return error;
    }
  }
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private.
  return std::unique_ptr<AccountApi>(
      new AccountApi(account, {std::move(token).value(), std::move(tasks).value()}, deps));
}

AccountApi::AccountApi(const AccountOptions& account, Transports transports, Deps deps)
    : transports_(std::move(transports)),
      traffic_(account.name, account.poll.max_requests_per_minute,
               {deps.clock, deps.log, deps.telemetry, Traffic::RandomJitter()}),
      tokens_(CredentialsOf(account),
              {*transports_.token, deps.clock, deps.telemetry, &deps.log, &traffic_}),
      client_(account.name,
              {*transports_.tasks, tokens_, deps.clock, deps.log, deps.telemetry, &traffic_}) {}

}  // namespace acronis::api
