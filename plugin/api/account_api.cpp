#include "plugin/api/account_api.h"

#include <utility>

#include "plugin/api/poco_transport.h"

namespace acronis::api {
namespace {

ClientCredentials CredentialsOf(const AccountOptions& account) {
  return {account.name, account.client_id, account.client_secret, account.client_secret_file,
          account.tenant};
}

TransportOptions TransportOptionsOf(const AccountOptions& account, const std::string& user_agent,
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
  return options;
}

}  // namespace

class AccountApi::Further final : public Session {
 public:
  Further(AccountApi& api, std::unique_ptr<HttpTransport> transport)
      : cap_(*api.deps_.sessions),
        transport_(std::move(transport)),
        client_(api.account_, api.ClientDeps(*transport_)) {}
  Further(const Further&) = delete;
  Further& operator=(const Further&) = delete;
  ~Further() override { cap_.GiveBack(); }

  TaskClient& Client() override { return client_; }

 private:
  SessionCap& cap_;
  std::unique_ptr<HttpTransport> transport_;
  TaskClient client_;
};

Result<std::unique_ptr<AccountApi>> AccountApi::Open(const AccountOptions& account,
                                                     const std::string& user_agent, Deps deps) {
  TransportOptions options = TransportOptionsOf(account, user_agent, deps.telemetry);
  auto tasks = MakePocoTransport(options);
  // Tokens are asked for under a lock of their own: a connection of their own, which is closed at
  // once because hours pass until the next.
  TransportOptions for_tokens = options;
  for_tokens.keep_alive = false;
  auto token = MakePocoTransport(std::move(for_tokens));
  for (const auto* made : {&token, &tasks}) {
    if (!*made) {
      Error error = made->error();
      error.message = "account " + account.name + ": " + error.message;
      return error;
    }
  }
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private.
  return std::unique_ptr<AccountApi>(new AccountApi(
      account, std::move(options), {std::move(token).value(), std::move(tasks).value()}, deps));
}

AccountApi::AccountApi(const AccountOptions& account, TransportOptions options,
                       Transports transports, Deps deps)
    : account_(account.name),
      options_(std::move(options)),
      deps_(deps),
      transports_(std::move(transports)),
      traffic_(account.name, account.poll.max_requests_per_minute,
               {deps.clock, deps.log, deps.telemetry, Traffic::RandomJitter()}),
      tokens_(CredentialsOf(account),
              {*transports_.token, deps.clock, deps.telemetry, &deps.log, &traffic_}),
      client_(account.name, ClientDeps(*transports_.tasks)) {}

TaskClient::Deps AccountApi::ClientDeps(HttpTransport& transport) {
  return {transport, tokens_, deps_.clock, deps_.log, deps_.telemetry, &traffic_};
}

std::unique_ptr<Session> AccountApi::Lease() {
  if (deps_.sessions == nullptr || !deps_.sessions->Take()) {
    return nullptr;
  }
  auto transport = MakePocoTransport(options_);
  if (!transport) {  // It was made before, with the same options.
    deps_.sessions->GiveBack();
    return nullptr;
  }
  return std::make_unique<Further>(*this, *std::move(transport));
}

}  // namespace acronis::api
