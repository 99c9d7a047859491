#include "plugin/poll/crew.h"

#include <algorithm>
#include <cmath>
#include <system_error>
#include <utility>

#include "plugin/core/time_format.h"
#include "plugin/poll/spot_search.h"

namespace acronis::poll {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

/// A slice with more pages than this is cut.
constexpr std::uint64_t kPagesPerSlice = 32;
constexpr int kMostPieces = 64;
/// Less than this is not worth another request.
constexpr double kPagesWorthCutting = 2;
/// After so many failures in a row it is more than a slice that does not work.
constexpr int kMostFailures = 2;
constexpr nanoseconds kTellEvery = seconds(10);

/// The failure may be one of this slice alone; others are worth a try.
bool IsLocal(ErrorKind kind) {
  return kind == ErrorKind::kServerError || kind == ErrorKind::kInvalidResponse ||
         kind == ErrorKind::kCursor;
}

std::vector<Window> CutEvenly(TimePoint from, TimePoint to, int pieces) {
  std::vector<Window> cut;
  const nanoseconds length = (to - from) / pieces;
  for (int piece = 1; piece < pieces; ++piece) {
    const bool is_last = piece == pieces - 1;
    cut.push_back(
        {.from = from + length * piece, .to = is_last ? to : from + length * (piece + 1)});
  }
  return cut;
}

/// How many pages are left of a slice, if they are as dense as those before.
double PagesLeft(const SliceWalk& walk, const Window& window) {
  const std::chrono::duration<double> read = walk.ReadUpTo() - window.from;
  const std::chrono::duration<double> left = *window.to - walk.ReadUpTo();
  return static_cast<double>(walk.Pages()) * (left / read);
}

Result<bool> DoneUnless(Status failed) {
  return failed ? Result<bool>(true) : Result<bool>(std::move(failed).error());
}

}  // namespace

Crew::Crew(Account& account, Rules rules)
    : account_(account),
      rules_(std::move(rules)),
      counter_(account, !account.progress.baseline_complete),
      start_(account.progress.start.value_or(account.server_time)),
      throttled_before_(TimesThrottled()),
      began_(account.deps.clock.Monotonic()),
      told_at_(began_) {}

std::uint64_t Crew::TimesThrottled() const {
  return account_.deps.traffic != nullptr ? account_.deps.traffic->TimesThrottled() : 0;
}

Crew::Outcome Crew::Read(const Work& work, const api::CallBounds& bounds) {
  const auto& spots = account_.progress.passed_over;
  Job job(Without(work.unread, spots), Without(work.failed, spots), bounds);
  whole_ = job.queue.Left();
  ReadSlices(job, account_.deps.client, true);
  job.threads.clear();
  account_.sessions = TimesThrottled() != throttled_before_
                          ? 1
                          : std::min(account_.sessions * 2, account_.options.concurrency);
  Work left{.unread = job.queue.Rest(), .failed = job.queue.Failed()};
  if (told_) {
    account_.deps.log.Info(
        rules_.task + (left.Empty() ? ": done" : ": not all read"),
        {{"account", account_.name}, {"tasks", std::to_string(counter_.Records())}});
  }
  Status status = error_ ? Status(*error_) : Status(Ok{});
  if (!error_ && bounds.stop.stop_requested()) {
    status = Error{ErrorKind::kCancelled, "task query: stopped"};
  }
  return {std::move(status), std::move(left)};
}

void Crew::ReadSlices(Job& job, api::TaskClient& client, bool is_first) {
  while (!MustGiveWay(is_first)) {
    auto taken = job.queue.Take();
    if (!taken) {
      return;
    }
    if (const Status read = ReadSlice(job, client, *taken, is_first); !read) {
      NoteError(job, read.error());
    }
  }
}

Slice Crew::SliceOf(const Window& window) const {
  return {.completed = window,
          .updated_from = rules_.updated_from,
          .page_size = account_.options.page_size};
}

Status Crew::ReadSlice(Job& job, api::TaskClient& client, Taken& taken, bool is_first) {
  auto walk = SliceWalk::Begin(account_, client, SliceOf(taken.window));
  if (!walk) {
    job.queue.Fail(taken, {taken.window});
    return std::move(walk).error();
  }
  PageCounter::Lane lane(counter_);
  Result<bool> done = false;
  while (done && !*done) {
    done = Step(job, *walk, lane, taken, is_first);
  }
  // What a page begun but not counted brought would be missing from what is left.
  const Status counted = lane.Wait();
  if (!counted || (!done && done.error().kind == ErrorKind::kStore)) {
    job.queue.Fail(taken, {taken.window});
    return counted ? Status(done.error()) : counted;
  }
  return done ? Status(Ok{}) : HandleFailure(job, client, *walk, taken, done.error());
}

Result<bool> Crew::Step(Job& job, SliceWalk& walk, PageCounter::Lane& lane, Taken& taken,
                        bool is_first) {
  auto page = walk.Next(job.bounds);
  if (!page) {
    return std::move(page).error();
  }
  if (walk.IsAtEnd(taken.window.to)) {
    auto counted = lane.Wait();
    if (counted) {
      counted = Finish(job, taken, *page ? *std::move(*page) : api::TaskPage(), is_first);
    }
    return DoneUnless(std::move(counted));
  }
  if (auto counted = lane.Begin(*std::move(*page)); !counted) {
    return std::move(counted).error();
  }
  job.queue.NoteReached(taken, walk.ReadUpTo());
  Tell(job);
  const std::uint64_t most = rules_.may_cut ? kPagesPerSlice : SliceWalk::kMostPages;
  const bool is_long = walk.Pages() >= most && walk.CanBeCut();
  if (is_long || MustGiveWay(is_first) || job.queue.Halted()) {
    return DoneUnless(Leave(job, walk, lane, taken));
  }
  Share(job, walk, taken, is_first);
  return false;
}

Status Crew::Leave(Job& job, const SliceWalk& walk, PageCounter::Lane& lane, const Taken& taken) {
  auto counted = lane.Wait();
  if (!counted) {
    return counted;
  }
  job.queue.PutBack(taken, {{.from = walk.ReadUpTo(), .to = taken.window.to}});
  return AdvanceProgress(job);
}

Status Crew::CountPage(api::TaskPage page) {
  return counter_.Count(std::move(page), std::nullopt);
}

Status Crew::Finish(Job& job, const Taken& taken, api::TaskPage page, bool is_first) {
  {
    const std::lock_guard lock(mutex_);
    failures_in_a_row_ = 0;
  }
  const bool alone = is_first && job.threads.empty();
  if (!alone || !rules_.progress) {
    auto counted = CountPage(std::move(page));
    if (counted) {
      job.queue.Finish(taken);
      counted = AdvanceProgress(job);
    }
    return counted;
  }
  const auto progress = rules_.progress(account_.progress, job.queue.FirstUnreadWithout(taken));
  auto counted = counter_.Count(std::move(page), progress);
  if (counted) {
    account_.progress = progress;
    job.queue.Finish(taken);
  }
  return counted;
}

Status Crew::AdvanceProgress(const Job& job) {
  if (!rules_.progress) {
    return Ok{};
  }
  const std::lock_guard lock(progress_mutex_);
  const auto progress = rules_.progress(account_.progress, job.queue.FirstUnread());
  if (progress == account_.progress) {
    return Ok{};
  }
  auto stored = account_.deps.ledger.Advance(
      account_.name, {.progress = progress, .server_time = account_.server_time});
  if (stored) {
    account_.progress = progress;
  }
  return stored;
}

void Crew::Share(Job& job, const SliceWalk& walk, Taken& taken, bool is_first) {
  if (rules_.sessions < 2 || !rules_.may_cut || !taken.window.to || !walk.CanBeCut()) {
    return;
  }
  const double left = PagesLeft(walk, taken.window);
  if (left < kPagesWorthCutting) {
    return;
  }
  const bool grown = is_first && TimesThrottled() == throttled_before_ && Grow(job);
  const int pieces = Pieces(left, walk, grown, job);
  const TimePoint from = walk.ReadUpTo();
  if (pieces > 1 && *taken.window.to - from > seconds(1)) {
    job.queue.Cut(taken, CutEvenly(from, *taken.window.to, pieces));
  }
}

int Crew::Pieces(double left, const SliceWalk& walk, bool grown, const Job& job) {
  const bool looks_long = walk.Pages() == 1 && left > 2.0 * kPagesPerSlice;
  const double by_length = looks_long ? left / kPagesPerSlice : 1;
  const double by_sessions = grown ? static_cast<double>(job.threads.size()) + 1 : 1;
  const double by_idleness = job.queue.SomebodyWaits() ? 2 : 1;
  return static_cast<int>(
      std::min({std::max({by_length, by_sessions, by_idleness}), left, double{kMostPieces}}));
}

bool Crew::Grow(Job& job) {
  const std::size_t before = job.threads.size();
  while (account_.deps.more_sessions != nullptr &&
         static_cast<int>(job.threads.size()) + 1 < rules_.sessions) {
    auto session = account_.deps.more_sessions->Lease();
    if (!session) {
      break;
    }
    if (!Begin(job, std::move(session))) {
      break;
    }
  }
  return job.threads.size() > before;
}

bool Crew::Begin(Job& job, std::unique_ptr<api::Session> session) {
  api::TaskClient& client = session->Client();
  job.sessions.push_back(std::move(session));
  try {
    job.threads.emplace_back([this, &job, &client] { ReadSlices(job, client, false); });
    return true;
  } catch (const std::system_error&) {
    job.sessions.pop_back();
    return false;
  }
}

bool Crew::MustGiveWay(bool is_first) const {
  return !is_first && TimesThrottled() != throttled_before_;
}

Status Crew::HandleFailure(Job& job, api::TaskClient& client, const SliceWalk& walk,
                           const Taken& taken, const Error& error) {
  const Window rest{.from = walk.ReadUpTo(), .to = taken.window.to};
  if (error.kind == ErrorKind::kInvalidResponse && error.http_status != 0) {
    return SearchSpots(job, client, SliceOf(rest), taken, error);
  }
  const bool may_be_too_much = IsLocal(error.kind) || error.kind == ErrorKind::kTimeout;
  job.queue.Fail(taken, may_be_too_much ? Halved(rest) : std::vector{rest});
  return error;
}

Status Crew::SearchSpots(Job& job, api::TaskClient& client, const Slice& slice, const Taken& taken,
                         const Error& error) {
  SpotSearch search(
      {.account = account_,
       .client = client,
       .before = start_ - seconds(1),
       .count = [this](api::TaskPage page) { return CountPage(std::move(page)); },
       .pass_over = [this](TimePoint spot, const Error& why) { return PassOver(spot, why); }});
  auto [status, unread] = search.Run(slice, error, job.bounds);
  if (!status) {
    job.queue.Fail(taken, unread.size() == 1 ? Halved(unread.front()) : unread);
    return status;
  }
  job.queue.Finish(taken);
  return AdvanceProgress(job);
}

Status Crew::PassOver(TimePoint spot, const Error& why) {
  const std::lock_guard lock(progress_mutex_);
  ledger::Progress progress = account_.progress;
  if (progress.passed_over.size() >= ledger::kMostPassedOver) {
    return why;
  }
  progress.passed_over.insert(std::ranges::upper_bound(progress.passed_over, spot), spot);
  api::TaskPage page;
  page.invalid.push_back({.id = "", .reason = "unreadable"});
  if (auto counted = counter_.Count(std::move(page), progress); !counted) {
    return counted;
  }
  account_.progress = std::move(progress);
  account_.deps.log.Warn(
      "record cannot be read and is passed over from now on",
      {{"account", account_.name}, {"completed_at", FormatRfc3339(spot)}, {"error", why.message}});
  return Ok{};
}

void Crew::NoteError(Job& job, const Error& error) {
  const std::lock_guard lock(mutex_);
  const bool is_local = IsLocal(error.kind) && ++failures_in_a_row_ < kMostFailures;
  if (!is_local) {
    job.queue.Halt();
  }
  if (error.kind != ErrorKind::kCancelled && !error_) {
    error_ = error;
  }
}

void Crew::Tell(const Job& job) {
  if (rules_.task.empty()) {
    return;
  }
  const MonotonicTime now = account_.deps.clock.Monotonic();
  {
    const std::lock_guard lock(mutex_);
    if (now - told_at_ < kTellEvery) {
      return;
    }
    told_at_ = now;
    told_ = true;
  }
  const std::chrono::duration<double> spent = now - began_;
  const double part =
      whole_.count() > 0 ? 1 - std::chrono::duration<double>(job.queue.Left()) / whole_ : 1;
  const auto text = [](double number) {
    return std::to_string(static_cast<std::int64_t>(std::llround(number)));
  };
  const auto records = static_cast<double>(counter_.Records());
  account_.deps.log.Info(
      rules_.task, {{"account", account_.name},
                    {"tasks", text(records)},
                    {"tasks_per_second", text(records / std::max(spent.count(), 1.0))},
                    {"percent", text(100 * part)},
                    {"eta_seconds", part > 0 ? text(spent.count() * (1 - part) / part) : "?"}});
}

}  // namespace acronis::poll
