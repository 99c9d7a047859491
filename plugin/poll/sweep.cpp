#include "plugin/poll/sweep.h"

#include <utility>

namespace acronis::poll {

bool Sweep::Wanted() const {
  if (resting_ || !account_.server_time_trusted) {
    return false;
  }
  return run_ || SweepDue(account_.progress, account_.options, account_.server_time);
}

void Sweep::Start() {
  const TimePoint began = account_.server_time;
  const TimePoint from = SweepFrom(account_.progress, account_.options);
  run_.emplace(UnderWay{.began = began});
  if (account_.options.field == PollField::kUpdatedAt) {
    run_->updated_from = from;
    run_->left.unread = {Window{}};
  } else {
    // Without an end, so that tasks dated in the future are met too.
    run_->left.unread = {{.from = from, .to = began}, {.from = began, .to = std::nullopt}};
  }
  account_.deps.log.Debug("sweep began", {{"account", account_.name}});
}

Status Sweep::Run(const api::CallBounds& bounds) {
  if (!run_) {
    Start();
  }
  Crew crew(
      account_,
      {.updated_from = run_->updated_from,
       .may_cut = true,
       .sessions = account_.sessions,
       .task = "sweep",
       .progress = [this](const ledger::Progress& progress, std::optional<TimePoint> first_unread) {
         return first_unread ? progress : AfterSweep(progress, account_.options, run_->began);
       }});
  auto [status, left] = crew.Read(run_->left, bounds);
  run_->left = std::move(left);
  resting_ = !status;
  if (status && run_->left.Empty()) {
    run_.reset();
    account_.deps.log.Debug("sweep complete", {{"account", account_.name}});
  }
  return std::move(status);
}

}  // namespace acronis::poll
