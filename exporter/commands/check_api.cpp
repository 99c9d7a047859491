#include "exporter/commands/check_api.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "exporter/commands/no_such_account.h"
#include "exporter/commands/version.h"
#include "plugin/core/duration.h"
#include "plugin/core/label.h"
#include "plugin/core/task.h"
#include "plugin/core/time_format.h"

namespace acronis::exporter {
namespace {

constexpr int kTasksPerPage = 1000;

/// True when the API takes the text of a filter as itself.
bool IsPlain(std::string_view queue) {
  return queue != kNoQueue && queue.find_first_of("(),") == std::string_view::npos;
}

/// The API may leave queues out only where no filter of the account's own does.
bool MayFilterQueues(const AccountOptions& account, const CheckScope& scope) {
  const auto names_queue = [](const auto& filter) { return filter.first == "queue"; };
  return std::ranges::none_of(account.filters, names_queue) &&
         std::ranges::all_of(scope.queues, IsPlain);
}

TaskReadRequest RequestFor(const AccountOptions& account, const CheckScope& scope,
                           TimePoint begin) {
  TaskReadRequest request;
  request.filters = account.filters;
  request.filters.emplace_back("state", kCompletedState);
  request.filters.emplace_back("completedAt", "gt(" + FormatRfc3339(begin) + ")");
  if (MayFilterQueues(account, scope)) {
    for (const std::string& queue : scope.queues) {
      request.filters.emplace_back("queue", queue);
    }
  }
  request.order = "asc(completedAt)";
  request.page_size = kTasksPerPage;
  request.user_agent = UserAgent();
  return request;
}

/// Adds the tasks of one account up, page by page.
class AccountCount {
 public:
  AccountCount(const std::string& account, const CheckScope& scope, TimePoint begin)
      : account_(account), scope_(scope), begin_(begin) {}

  void Add(const TaskReadPage& page, SeriesTotals& totals) {
    std::unordered_set<std::int64_t> ids;
    for (const Task& task : page.tasks) {
      // A page may begin with what the one before ended with.
      if (ids.insert(task.id).second && !previous_.contains(task.id)) {
        Add(task, totals);
      }
    }
    previous_ = std::move(ids);
    invalid_ += page.invalid;
  }

  std::uint64_t Invalid() const { return invalid_; }

 private:
  void Add(const Task& task, SeriesTotals& totals) const {
    const std::string queue =
        task.queue.empty() ? std::string(kNoQueue) : RepairLabel(task.queue).value;
    const bool in_window = task.completed_at && *task.completed_at > begin_;
    if (in_window && scope_.Includes(account_, queue)) {
      ++totals[{account_, queue, std::string(ToLabel(ParseResultCode(task.result_code)))}];
    }
  }

  const std::string& account_;
  const CheckScope& scope_;
  TimePoint begin_;
  std::unordered_set<std::int64_t> previous_;
  std::uint64_t invalid_ = 0;
};

std::string NamesOf(const std::vector<AccountOptions>& accounts) {
  std::string names;
  for (const AccountOptions& account : accounts) {
    names += (names.empty() ? "" : ", ") + account.name;
  }
  return names;
}

Status CountAccount(const AccountOptions& account, const CheckScope& scope, TimePoint begin,
                    const std::pair<const TaskSource&, const std::stop_token&>& reading,
                    WindowCounts& counts) {
  AccountCount count(account.name, scope, begin);
  Status read = reading.first(
      account, RequestFor(account, scope, begin),
      [&](const TaskReadPage& page) { count.Add(page, counts.completed); }, reading.second);
  if (!read) {
    return Error{read.error().kind, "account " + account.name + ": " + read.error().message};
  }
  if (count.Invalid() > 0) {
    counts.notes.push_back("account " + account.name +
                           ": records that cannot be read: " + std::to_string(count.Invalid()));
  }
  return Ok{};
}

}  // namespace

Result<WindowCounts> CountFromApi(const std::vector<AccountOptions>& accounts,
                                  const CheckScope& scope, const ApiWindow& window,
                                  const TaskSource& source, const std::stop_token& stop) {
  WindowCounts counts;
  counts.length = window.since;
  counts.window = DurationText(window.since);
  counts.several_accounts = accounts.size() > 1 && scope.account.empty();
  bool found = false;
  for (const AccountOptions& account : accounts) {
    if (!scope.account.empty() && account.name != scope.account) {
      continue;
    }
    found = true;
    Status counted =
        CountAccount(account, scope, window.now - window.since, {source, stop}, counts);
    if (!counted) {
      return std::move(counted).error();
    }
  }
  if (!found) {
    return NoSuchAccount(scope.account, NamesOf(accounts));
  }
  return counts;
}

}  // namespace acronis::exporter
