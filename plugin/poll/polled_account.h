#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "plugin/api/account_api.h"
#include "plugin/core/options.h"
#include "plugin/core/result.h"
#include "plugin/poll/account_poller.h"
#include "plugin/poll/live_board.h"

namespace acronis::poll {

/// One account and all that polls it: its connection, its poller and, while it runs, its thread.
///
/// Used by one thread at a time. Borrows `deps`; destruction stops it as Join() does.
class PolledAccount {
 public:
  struct Deps {
    ledger::Ledger& ledger;
    Clock& clock;
    Logger& log;
    Telemetry& telemetry;
    api::SessionCap& sessions;
  };

  /// Makes the connection ready; sends nothing. `live` is where the account shows itself. Errors as
  /// AccountApi::Open() has them.
  static Result<std::unique_ptr<PolledAccount>> Open(const AccountOptions& options,
                                                     const std::string& user_agent, Deps deps,
                                                     std::shared_ptr<LiveBoard> live);

  /// Gets the poller ready. `progress` is what the ledger returned when the account was registered.
  void GoOnAt(const ledger::Progress& progress);

  /// Polls on a thread of its own, the first time after `first_delay`, until `all` is stopped or
  /// Join() is called; may be called again after that. REQUIRES: GoOnAt() was called.
  void Begin(std::chrono::nanoseconds first_delay, const std::stop_token& all);
  /// Aborts I/O under way. Several accounts are told first and joined then.
  void RequestStop() { thread_.request_stop(); }
  /// Returns when the thread has ended. Nothing happens when it never began.
  void Join();

  bool Runs() const { return thread_.joinable(); }

  /// One cycle on the calling thread. REQUIRES: GoOnAt() was called, the thread does not run.
  bool PollOnce(const std::stop_token& stop) { return static_cast<bool>(poller_->PollOnce(stop)); }

  const AccountOptions& Options() const { return options_; }
  const std::shared_ptr<LiveBoard>& Live() const { return live_; }

 private:
  PolledAccount(AccountOptions options, Deps deps, std::unique_ptr<api::AccountApi> api,
                std::shared_ptr<LiveBoard> live);

  AccountOptions options_;
  Deps deps_;
  std::unique_ptr<api::AccountApi> api_;
  std::shared_ptr<LiveBoard> live_;
  std::optional<AccountPoller> poller_;
  std::jthread thread_;  // Last: joined before what it uses goes.
};

}  // namespace acronis::poll
