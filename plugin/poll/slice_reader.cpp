#include "plugin/poll/slice_reader.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

namespace acronis::poll {
namespace {

/// A walk this long is cut into smaller slices instead.
constexpr std::uint64_t kMaxPages = 10'000;
/// More new result codes than this are a broken server, not news.
constexpr std::size_t kMaxOddCodes = 100;
constexpr std::size_t kMaxLoggedCode = 100;

constexpr std::chrono::nanoseconds kNextInstant{1};

}  // namespace

Result<SliceReader> SliceReader::Begin(Account& account, const Window& slice,
                                       OnComplete on_complete) {
  const bool by_update = account.options.field == PollField::kUpdatedAt;
  const std::string_view field = by_update ? "updatedAt" : "completedAt";
  auto query = BaseQuery(account, std::array{kCompletedState}, field);
  if (!query) {
    return std::move(query).error();
  }
  if (by_update) {
    // The service documents a single bound on this field.
    query->AddTimeBound(field, api::Comparison::kGreaterOrEqual, slice.from);
  } else {
    // `gt` is the comparison that is documented and proven on this field.
    query->AddTimeBound(field, api::Comparison::kGreater, slice.from - kNextInstant);
    if (slice.to) {
      query->AddTimeBound(field, api::Comparison::kLess, *slice.to);
    }
  }
  return SliceReader(account, *std::move(query), std::move(on_complete));
}

SliceReader::SliceReader(Account& account, api::TaskQuery query, OnComplete on_complete)
    : account_(account),
      walk_(account.deps.client, std::move(query), api::PageUse::kCounting, kMaxPages),
      on_complete_(std::move(on_complete)) {}

Result<bool> SliceReader::Step(const std::stop_token& stop) {
  auto page = walk_.Next(stop);
  if (!page) {
    return std::move(page).error();
  }
  if (!*page) {
    return true;
  }
  const bool last = !(**page).next_cursor;
  if (auto counted = Count(*std::move(*page)); !counted) {
    return std::move(counted).error();
  }
  return last;
}

Status SliceReader::Count(api::TaskPage page) {
  Account& account = account_;
  for (Task& task : page.tasks) {
    NormaliseQueue(task, account.deps.telemetry);
  }
  NoteOddCodes(page.tasks);

  const bool in_baseline = !account.progress.baseline_complete;
  const TimePoint server_time = page.server_time.value_or(account.server_time);
  const ledger::PageCommit commit{
      .tasks = page.tasks,
      .invalid = page.invalid.size(),
      .server_time = server_time,
      .progress = page.next_cursor ? std::nullopt : std::optional(on_complete_(account.progress)),
      .by_update = account.options.field == PollField::kUpdatedAt};
  const auto outcome = account.deps.ledger.Commit(account.name, commit);
  if (!outcome) {
    return outcome.error();
  }
  account.progress = commit.progress.value_or(account.progress);
  if (!in_baseline) {
    for (const TimePoint completed : outcome->counted_completions) {
      account.deps.telemetry.TaskArrived(
          account.name, std::max(server_time - completed, std::chrono::nanoseconds(0)));
    }
  }
  return Ok{};
}

void SliceReader::NoteOddCodes(const std::vector<Task>& tasks) {
  Account& account = account_;
  for (const Task& task : tasks) {
    if (task.result_code.empty() || ParseResultCode(task.result_code) != ResultCode::kUnknown ||
        account.odd_codes.size() >= kMaxOddCodes) {
      continue;
    }
    if (account.odd_codes.insert(task.result_code).second) {
      account.deps.log.Warn("new result code, counted as unknown",
                            {{"account", account.name},
                             {"result_code", task.result_code.substr(0, kMaxLoggedCode)},
                             {"task", std::to_string(task.id)}});
    }
  }
}

}  // namespace acronis::poll
