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
  run_.emplace(
      Run{.began = account_.server_time, .next = SweepFrom(account_.progress, account_.options)});
  account_.deps.log.Debug("sweep began", {{"account", account_.name}});
}

Status Sweep::BeginSlice() {
  Run& run = *run_;
  const bool sliced = account_.options.field == PollField::kCompletedAt;
  run.slice_end = sliced ? sizer_.EndOfNext(run.next, run.began) : run.began;
  const bool is_last = run.slice_end >= run.began;
  // The last slice has no end, so that tasks dated in the future are met too.
  const Window slice{.from = run.next, .to = is_last ? std::nullopt : std::optional(run.slice_end)};
  auto reader = SliceReader::Begin(
      account_, slice, [this, is_last, began = run.began](const ledger::Progress& progress) {
        return is_last ? AfterSweep(progress, account_.options, began) : progress;
      });
  if (!reader) {
    return std::move(reader).error();
  }
  run.reader.emplace(*std::move(reader));
  return Ok{};
}

void Sweep::FinishSlice() {
  Run& run = *run_;
  sizer_.Succeeded();
  run.reader.reset();
  run.next = run.slice_end;
  if (run.next >= run.began) {
    run_.reset();
    account_.deps.log.Debug("sweep complete", {{"account", account_.name}});
  }
}

Status Sweep::Step(const std::stop_token& stop) {
  if (!run_) {
    Start();
  }
  if (!run_->reader) {
    if (auto began = BeginSlice(); !began) {
      resting_ = true;
      return began;
    }
  }
  auto done = run_->reader->Step(stop);
  if (!done) {
    sizer_.Failed(run_->slice_end - run_->next);
    run_->reader.reset();
    resting_ = true;
    return std::move(done).error();
  }
  if (*done) {
    FinishSlice();
  }
  return Ok{};
}

}  // namespace acronis::poll
