#include "plugin/poll/account_poller.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>

#include "plugin/core/time_format.h"
#include "plugin/ledger/account_book.h"

namespace acronis::poll {
namespace {

/// After a longer absence it is asked what the service still has.
constexpr std::chrono::nanoseconds kLongAbsence = std::chrono::hours(24);
/// A watermark that is older is caught up with by several sessions.
constexpr std::chrono::nanoseconds kFarBehind = std::chrono::minutes(10);

}  // namespace

AccountPoller::AccountPoller(Account account, std::shared_ptr<LiveBoard> live)
    : account_(std::move(account)), sweep_(account_), live_(std::move(live)) {}

Status AccountPoller::PollOnce(const std::stop_token& stop) {
  const MonotonicTime began = account_.deps.clock.Monotonic();
  account_.deps.log.Debug("poll began", {{"account", account_.name}});
  if (account_.deps.traffic != nullptr) {
    account_.deps.traffic->BeginCycle();
  }
  Status status = RunCycle(stop);
  if (!status && status.error().kind == ErrorKind::kCancelled) {
    return status;
  }
  Report(status, began);
  return status;
}

Status AccountPoller::RunCycle(const std::stop_token& stop) {
  if (auto ready = account_.deps.ledger.CheckReady(); !ready) {
    return ready;  // What could not be counted need not be fetched.
  }
  const auto listing = LookAtNow(stop);
  if (!listing) {
    if (listing.error().kind != ErrorKind::kCancelled) {
      ShowInFlight(std::nullopt);
    }
    return listing.error();
  }
  ShowInFlight(*listing);
  Status read = MeasureGap(stop);
  if (read) {
    read = ReadCompleted(stop);
  }
  ShowInFlight(*listing);  // Again: queues may have been met.
  return read;
}

Result<std::optional<InFlightListing>> AccountPoller::LookAtNow(const std::stop_token& stop) {
  auto answer = ListInFlight(account_, stop);
  if (!answer && !IsRefusal(answer.error().kind)) {
    return std::move(answer).error();
  }
  const std::string refusal = answer ? "" : answer.error().message;
  auto listing = answer ? std::optional(*std::move(answer)) : std::nullopt;
  auto server_time = listing ? listing->server_time : std::nullopt;
  if (!server_time) {
    auto asked = AskServerTime(stop);
    if (!asked) {
      return std::move(asked).error();
    }
    server_time = *asked;
  }
  // Not before: a service that answers nothing at all is no matter of this listing.
  if (!listing && !in_flight_refused_) {
    account_.deps.log.Warn("in-flight listing refused, its gauges are left out",
                           {{"account", account_.name}, {"error", refusal}});
  }
  in_flight_refused_ = !listing;
  NoteServerTime(*server_time);
  auto stored = StoreStart(listing ? listing->Queues() : std::vector<std::string>());
  if (!stored) {
    return std::move(stored).error();
  }
  return listing;
}

Result<api::TaskPage> AccountPoller::AskFirst(std::string_view field, const std::stop_token& stop) {
  auto query = BaseQuery(account_, std::array{kCompletedState}, field);
  if (!query) {
    return std::move(query).error();
  }
  if (auto set = query->SetLimit(1); !set) {
    return std::move(set).error();
  }
  return account_.deps.client.FetchPage(*query, std::nullopt, api::PageUse::kListing, stop);
}

Result<TimePoint> AccountPoller::AskServerTime(const std::stop_token& stop) {
  const auto page = AskFirst("completedAt", stop);
  if (!page) {
    return page.error();
  }
  if (!page->server_time) {
    return Error{ErrorKind::kInvalidResponse,
                 "the reply has neither a Date header nor a timeStamp; without the server's time "
                 "nothing can be read safely"};
  }
  return *page->server_time;
}

void AccountPoller::NoteServerTime(TimePoint server_time) {
  account_.server_time = server_time;
  const bool was_trusted = account_.server_time_trusted;
  account_.server_time_trusted =
      server_clock_.Observe(server_time, account_.deps.clock.Monotonic());
  if (was_trusted && !account_.server_time_trusted) {
    account_.deps.log.Warn("server clock jumped ahead, not believed until three polls agree",
                           {{"account", account_.name}});
  }
}

Status AccountPoller::StoreStart(std::span<const std::string> queues) {
  ledger::Progress progress = account_.progress;
  if (!progress.start) {
    progress.start = StartTime(account_.options, account_.server_time);
    progress.baseline_end = account_.server_time;
    progress.horizon = progress.start;
  }
  auto stored = account_.deps.ledger.Advance(
      account_.name,
      {.progress = progress, .queues_met = queues, .server_time = account_.server_time});
  if (stored) {
    account_.progress = progress;
  }
  return stored;
}

Status AccountPoller::MeasureGap(const std::stop_token& stop) {
  const ledger::Progress& progress = account_.progress;
  const TimePoint reached = progress.watermark.value_or(*progress.start);
  // Reading may begin long before the first poll; that is no absence.
  if (account_.server_time - std::max(reached, *progress.baseline_end) <= kLongAbsence) {
    gap_logged_ = false;
    return Ok{};
  }
  if (!account_.server_time_trusted) {
    return Ok{};
  }
  auto oldest = AskOldest(stop);
  if (!oldest) {
    return std::move(oldest).error();
  }
  const TimePoint readable = ReadableFrom(
      account_.options, account_.server_time,
      {.reached = reached, .oldest_shown = *oldest, .newest_counted = NewestCounted()});
  return readable > reached ? StoreGap(reached, readable) : Ok{};
}

Status AccountPoller::StoreGap(TimePoint reached, TimePoint readable) {
  ledger::Progress progress =
      AfterReading(account_.progress, account_.options, account_.server_time, readable);
  progress.data_gap += readable - reached;
  auto stored = account_.deps.ledger.Advance(
      account_.name, {.progress = progress, .server_time = account_.server_time});
  if (stored) {
    account_.progress = progress;
  }
  if (stored && !std::exchange(gap_logged_, true)) {
    account_.deps.log.Error("tasks were removed by the service before they could be read",
                            {{"account", account_.name},
                             {"from", FormatRfc3339(reached)},
                             {"to", FormatRfc3339(readable)}});
  }
  return stored;
}

Result<std::optional<TimePoint>> AccountPoller::AskOldest(const std::stop_token& stop) {
  const bool by_update = account_.options.field == PollField::kUpdatedAt;
  auto page = AskFirst(by_update ? "updatedAt" : "completedAt", stop);
  if (!page) {
    return std::move(page).error();
  }
  if (page->tasks.empty() || !account_.deps.client.ServerSorts()) {
    return std::optional<TimePoint>();
  }
  const Task& task = page->tasks.front();
  return by_update ? task.updated_at : task.completed_at;
}

std::optional<TimePoint> AccountPoller::NewestCounted() const {
  std::optional<TimePoint> newest;
  if (account_.options.field == PollField::kUpdatedAt) {
    return newest;  // Times of completion say nothing about times of update.
  }
  for (const auto& [queue, counts] : OwnCounts()->queues) {
    for (const auto& last : counts->last_completion) {
      newest = std::max(newest, last);
    }
  }
  return newest;
}

Status AccountPoller::ReadCompleted(const std::stop_token& stop) {
  const Window window = PollWindow(account_.progress, account_.options, account_.server_time);
  const bool by_update = account_.options.field == PollField::kUpdatedAt;
  const TimePoint reached = account_.progress.watermark.value_or(*account_.progress.start);
  const bool far_behind = account_.server_time - reached > kFarBehind;
  Crew::Rules rules{.may_cut = far_behind,
                    .sessions = far_behind ? account_.sessions : 1,
                    .task = far_behind ? "catching up" : "",
                    .progress = [this, &window](const ledger::Progress& progress,
                                                std::optional<TimePoint> first_unread) {
                      const TimePoint read_until = first_unread.value_or(*window.to);
                      return account_.server_time_trusted && read_until > window.from
                                 ? AfterReading(progress, account_.options, account_.server_time,
                                                read_until)
                                 : progress;
                    }};
  if (by_update) {
    rules.updated_from = window.from;
  }
  Crew crew(account_, std::move(rules));
  auto [status, left] =
      crew.Read(by_update ? Crew::Work{.unread = {Window{}}} : ToRead(window), stop);
  // What a server says whose clock is not believed may lie in the future.
  const bool is_known = account_.server_time_trusted && !by_update;
  left_ = is_known ? std::move(left) : Crew::Work();
  read_until_ = *window.to;
  return std::move(status);
}

Crew::Work AccountPoller::ToRead(const Window& window) const {
  if (left_.Empty()) {
    return {.unread = {window}};
  }
  std::vector<Window> known = left_.unread;
  known.insert(known.end(), left_.failed.begin(), left_.failed.end());
  std::ranges::sort(known, {}, &Window::from);
  const TimePoint overlapped = std::min(read_until_, *window.to) - account_.options.overlap;
  Crew::Work work{.failed = left_.failed};
  std::ranges::remove_copy_if(
      Completed(known, {.from = std::max(window.from, overlapped), .to = window.to}),
      std::back_inserter(work.unread), [&](const Window& part) {
        return std::ranges::find(work.failed, part) != work.failed.end();
      });
  return work;
}

std::shared_ptr<const AccountCounts> AccountPoller::OwnCounts() const {
  auto counts = FindAccount(*account_.deps.ledger.Snapshot(), account_.name);
  return counts ? counts : std::make_shared<const AccountCounts>();
}

void AccountPoller::FitToKnownQueues(InFlightCounts& shown) const {
  const auto own = OwnCounts();
  if (!own->baseline_complete) {
    return;  // Nothing is shown yet.
  }
  for (auto queue = shown.begin(); queue != shown.end();) {
    if (own->queues.contains(queue->first)) {
      ++queue;
      continue;
    }
    const auto states = queue->second;
    queue = shown.erase(queue);
    AddStates(shown[std::string(ledger::kOtherQueue)], states);
  }
  for (const auto& [queue, unused] : own->queues) {
    shown.try_emplace(queue);
  }
}

void AccountPoller::ShowInFlight(const std::optional<InFlightListing>& listing) {
  std::shared_ptr<InFlightCounts> shown;
  if (listing) {
    shown = std::make_shared<InFlightCounts>(listing->counts);
    FitToKnownQueues(*shown);
  }
  live_->SetInFlight(std::move(shown), listing && listing->complete);
}

void AccountPoller::SweepOnce(const api::CallBounds& bounds) {
  const auto status = sweep_.Run(bounds);
  if (status || status.error().kind == ErrorKind::kCancelled) {
    sweep_failing_ = sweep_failing_ && !status;
    return;
  }
  if (!std::exchange(sweep_failing_, true)) {
    account_.deps.log.Warn("sweep failed, retried after the next poll",
                           {{"account", account_.name},
                            {"reason", std::string(ToLabel(status.error().kind))},
                            {"error", status.error().message}});
  }
}

void AccountPoller::Report(const Status& status, MonotonicTime began) {
  const Account::Deps& deps = account_.deps;
  const auto kind = status ? std::nullopt : std::optional(status.error().kind);
  deps.telemetry.PollDone(account_.name, kind, deps.clock.Monotonic() - began, deps.clock.Now());
  deps.log.Debug("poll ended", {{"account", account_.name},
                                {"result", kind ? std::string(ToLabel(*kind)) : "success"}});
  if (kind && kind != failing_) {
    deps.log.Error("poll failed", {{"account", account_.name},
                                   {"reason", std::string(ToLabel(*kind))},
                                   {"error", status.error().message}});
  } else if (!kind && failing_) {
    deps.log.Info("poll works again", {{"account", account_.name}});
  }
  failing_ = kind;
  if (status) {
    sweep_.Resume();
  }
  live_->NotePoll(status, deps.clock.Now());
}

}  // namespace acronis::poll
