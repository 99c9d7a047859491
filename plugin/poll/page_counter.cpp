#include "plugin/poll/page_counter.h"

#include <algorithm>
#include <string>

namespace acronis::poll {
namespace {

/// More new result codes than this are a broken server, not news.
constexpr std::size_t kMaxOddCodes = 100;
constexpr std::size_t kMaxLoggedCode = 100;

}  // namespace

Status PageCounter::Count(api::TaskPage page, const std::optional<ledger::Progress>& progress) {
  for (Task& task : page.tasks) {
    NormaliseQueue(task, page.repaired > 0, account_.deps.telemetry);
  }
  NoteOddCodes(page.tasks);

  const TimePoint server_time = page.server_time.value_or(account_.server_time);
  const ledger::PageCommit commit{.tasks = page.tasks,
                                  .invalid = page.invalid.size(),
                                  .server_time = server_time,
                                  .progress = progress,
                                  .by_update = account_.options.field == PollField::kUpdatedAt};
  const auto outcome = account_.deps.ledger.Commit(account_.name, commit);
  if (!outcome) {
    return outcome.error();
  }
  records_ += page.Records();
  if (!in_baseline_) {
    for (const TimePoint completed : outcome->counted_completions) {
      account_.deps.telemetry.TaskArrived(
          account_.name, std::max(server_time - completed, std::chrono::nanoseconds(0)));
    }
  }
  return Ok{};
}

void PageCounter::NoteOddCodes(const std::vector<Task>& tasks) {
  for (const Task& task : tasks) {
    if (task.result_code.empty() || ParseResultCode(task.result_code) != ResultCode::kUnknown) {
      continue;
    }
    const std::lock_guard lock(mutex_);
    if (account_.odd_codes.size() < kMaxOddCodes &&
        account_.odd_codes.insert(task.result_code).second) {
      account_.deps.log.Warn("new result code, counted as unknown",
                             {{"account", account_.name},
                              {"result_code", task.result_code.substr(0, kMaxLoggedCode)},
                              {"task", std::to_string(task.id)}});
    }
  }
}

}  // namespace acronis::poll
