#include "plugin/poll/polled_account.h"

#include <utility>

#include "plugin/poll/account_loop.h"

namespace acronis::poll {

Result<std::unique_ptr<PolledAccount>> PolledAccount::Open(const AccountOptions& options,
                                                           const std::string& user_agent, Deps deps,
                                                           std::shared_ptr<LiveBoard> live) {
  auto api = api::AccountApi::Open(options, user_agent,
                                   {.clock = deps.clock,
                                    .log = deps.log,
                                    .telemetry = deps.telemetry,
                                    .sessions = &deps.sessions});
  if (!api) {
    return std::move(api).error();
  }
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private.
  return std::unique_ptr<PolledAccount>(
      new PolledAccount(options, deps, *std::move(api), std::move(live)));
}

PolledAccount::PolledAccount(AccountOptions options, Deps deps,
                             std::unique_ptr<api::AccountApi> api, std::shared_ptr<LiveBoard> live)
    : options_(std::move(options)), deps_(deps), api_(std::move(api)), live_(std::move(live)) {}

void PolledAccount::GoOnAt(const ledger::Progress& progress) {
  poller_.emplace(Account{.name = options_.name,
                          .filters = options_.filters,
                          .options = options_.poll,
                          .deps = {.client = api_->Client(),
                                   .ledger = deps_.ledger,
                                   .clock = deps_.clock,
                                   .log = deps_.log,
                                   .telemetry = deps_.telemetry,
                                   .traffic = &api_->SharedTraffic(),
                                   .more_sessions = api_.get()},
                          .progress = progress},
                  live_);
}

void PolledAccount::Begin(std::chrono::nanoseconds first_delay, const std::stop_token& all) {
  thread_ = std::jthread([this, first_delay, all](const std::stop_token& mine) {
    std::stop_source either;
    const auto end = [&either] { either.request_stop(); };
    const std::stop_callback end_of_all(all, end);
    const std::stop_callback end_of_mine(mine, end);
    RunAccount(*poller_, deps_.clock, first_delay, either.get_token());
  });
}

void PolledAccount::Join() {
  thread_ = {};  // Stops and joins.
}

}  // namespace acronis::poll
