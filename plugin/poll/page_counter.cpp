#include "plugin/poll/page_counter.h"

#include <algorithm>
#include <string>
#include <utility>

namespace acronis::poll {
namespace {

/// More new result codes than this are a broken server, not news.
constexpr std::size_t kMaxOddCodes = 100;
constexpr std::size_t kMaxLoggedCode = 100;

}  // namespace

ledger::PageCommit PageCounter::Prepare(api::TaskPage& page) {
  for (Task& task : page.tasks) {
    NormaliseQueue(task, page.repaired > 0, account_.deps.telemetry);
  }
  NoteOddCodes(page.tasks);
  return {.tasks = page.tasks,
          .invalid = page.invalid.size(),
          .server_time = page.server_time.value_or(account_.server_time),
          .by_update = account_.options.field == PollField::kUpdatedAt};
}

Status PageCounter::Settle(const api::TaskPage& page, const ledger::PageCommit& commit,
                           const Result<ledger::PageOutcome>& outcome) {
  if (!outcome) {
    return outcome.error();
  }
  records_ += page.Records();
  if (!in_baseline_) {
    for (const TimePoint completed : outcome->counted_completions) {
      account_.deps.telemetry.TaskArrived(
          account_.name, std::max(commit.server_time - completed, std::chrono::nanoseconds(0)));
    }
  }
  return Ok{};
}

Status PageCounter::Count(api::TaskPage page, const std::optional<ledger::Progress>& progress) {
  ledger::PageCommit commit = Prepare(page);
  commit.progress = progress;
  return Settle(page, commit, account_.deps.ledger.Commit(account_.name, commit));
}

PageCounter::Lane::~Lane() {
  if (outcome_.valid()) {
    outcome_.wait();
  }
}

Status PageCounter::Lane::Begin(api::TaskPage page) {
  if (auto before = Wait(); !before) {
    return before;
  }
  page_ = std::move(page);
  commit_ = counter_.Prepare(page_);
  outcome_ = counter_.account_.deps.ledger.CommitLater(counter_.account_.name, commit_);
  return Ok{};
}

Status PageCounter::Lane::Wait() {
  return outcome_.valid() ? counter_.Settle(page_, commit_, outcome_.get()) : Status(Ok{});
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
