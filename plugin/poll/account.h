#pragma once

#include <functional>
#include <set>
#include <string>

#include "plugin/api/session.h"
#include "plugin/api/task_client.h"
#include "plugin/core/clock.h"
#include "plugin/core/logger.h"
#include "plugin/core/options.h"
#include "plugin/core/telemetry.h"
#include "plugin/ledger/ledger.h"

namespace acronis::poll {

/// What the parts of one account's cycle share. Used by one thread at a time.
struct Account {
  struct Deps {
    api::TaskClient& client;
    ledger::Ledger& ledger;
    Clock& clock;
    Logger& log;
    Telemetry& telemetry;
    api::Traffic* traffic = nullptr;              ///< Of the client.
    api::SessionSource* more_sessions = nullptr;  ///< None: the client is all there is.
  };

  std::string name{};
  std::vector<std::pair<std::string, std::string>> filters{};
  PollOptions options{};
  Deps deps;

  ledger::Progress progress{};         ///< As committed.
  TimePoint server_time{};             ///< Of the running or the last poll.
  bool server_time_trusted = false;    ///< It may move watermark and horizon.
  int sessions = options.concurrency;  ///< As many as the service lately put up with.
  std::set<std::string> odd_codes{};   ///< Result codes that are new to us and were logged.
};

/// The query for `states` with the account's filters, ordered by `asc(order_field)`. The filters
/// were checked at start, so a refusal here is an Error only in name.
Result<api::TaskQuery> BaseQuery(const Account& account, std::span<const std::string_view> states,
                                 std::string_view order_field);

/// Makes a task's queue fit for a label; counts a repair. `page_repaired`: its page was not valid
/// UTF-8, so a U+FFFD in the name is a repair too.
void NormaliseQueue(Task& task, bool page_repaired, Telemetry& telemetry);

}  // namespace acronis::poll
