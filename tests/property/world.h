#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/simulator/simulator.h"
#include "tests/fakes/fake_clock.h"
#include "tests/property/dice.h"

namespace acronis::property {

/// The world of one life: tasks appear (late, twice, in the future, at equal times), run for days,
/// change and vanish; the service fails in many ways; its clock jumps.
class World {
 public:
  struct Options {
    std::chrono::nanoseconds max_lateness{};
    /// The service removes what completed longer ago; 0: never.
    std::chrono::nanoseconds keeps{};
    bool changes = false;  ///< Tasks get other results and times after they completed.
  };

  World(simulator::Simulator& simulator, test::FakeClock& clock, Dice& dice, const Options& options)
      : simulator_(simulator), clock_(clock), dice_(dice), options_(options) {}

  void Step() {
    using std::chrono::minutes;
    using std::chrono::seconds;
    clock_.Advance(dice_.Span(seconds(5), minutes(4)));
    for (std::int64_t tasks = dice_.Number(0, 12); tasks > 0; --tasks) {
      AddOne();
    }
    FinishSome();
    ChangeOne();
    RemoveOld();
  }

  /// Nobody polls for a long time, while the world goes on.
  void GoOnFor(std::chrono::nanoseconds absence) {
    const auto end = clock_.Now() + absence;
    while (clock_.Now() < end) {
      clock_.Advance(std::min<std::chrono::nanoseconds>(std::chrono::hours(1), absence));
      AddOne();
      RemoveOld();
    }
  }

  /// The clock of the service, not ours.
  void JumpClock() { clock_.SetNow(clock_.Now() + dice_.Span(kSmallestJump, kLargestJump)); }

  void ChangeBetweenPages() {
    if (dice_.Chance(10)) {
      AddOne();
    }
    if (dice_.Chance(5)) {
      FinishSome();
    }
  }

  /// With `shift_clock` the service may also tell a wrong time for a few answers. The first answer
  /// that a process gets is believed, so it must not lie.
  ///
  /// False when the service is well.
  bool SwitchFaults(bool shift_clock) {
    simulator_.Faults().ClearAll();
    if (dice_.Chance(50)) {
      return false;
    }
    for (std::int64_t faults = dice_.Number(1, 2); faults > 0; --faults) {
      const std::string& name = dice_.OneOf(kFaults);
      const bool shift = name == "date_shift";
      if (shift && !shift_clock) {
        continue;
      }
      const auto set = simulator_.Faults().Set(
          {.name = name,
           .value = shift ? std::to_string(dice_.Number(-4000, 4000)) : std::string(),
           .path = shift ? "any" : "tasks",
           .count = dice_.Number(1, 4)});
      EXPECT_TRUE(set) << set.error().message;
    }
    return true;
  }

  /// Every task that is completed and still there, by id, with its completion time.
  const std::map<std::int64_t, TimePoint>& Done() const { return done_; }

  /// What was removed before anybody was shown it, by completion time. Not what appeared late: that
  /// may vanish again between two sweeps, and nobody can know.
  std::vector<TimePoint> Lost(const std::string& client_id) const {
    const std::vector<std::int64_t> shown = simulator_.Shown(client_id);
    std::vector<TimePoint> lost;
    for (const auto& [id, completed] : removed_) {
      if (!std::binary_search(shown.begin(), shown.end(), id)) {
        lost.push_back(completed);
      }
    }
    return lost;
  }

 private:
  static constexpr std::chrono::nanoseconds kSmallestJump = std::chrono::minutes(6);
  static constexpr std::chrono::nanoseconds kLargestJump = std::chrono::hours(2);
  static constexpr std::chrono::nanoseconds kPunctual = std::chrono::minutes(1);
  /// An id is remembered at least so long, whatever the options. Moved later than that, a
  /// completion counts again: docs/correctness.md.
  static constexpr std::chrono::nanoseconds kRememberedFor = std::chrono::minutes(30);
  static constexpr std::array kQueues = {"backup", "replication", "t\xC3\xA4glich", "av \"scan\"",
                                         ""};
  static constexpr std::array kCodes = {"ok",        "warning",   "error",
                                        "cancelled", "abandoned", "timedout"};
  inline static const std::vector<std::string> kFaults = {"reset",
                                                          "cut_body",
                                                          "stall",
                                                          "status",
                                                          "unauthorized",
                                                          "expire_tokens",
                                                          "rate_limit",
                                                          "unavailable",
                                                          "cursor_loop",
                                                          "cursor_self",
                                                          "cursor_expired",
                                                          "empty_page",
                                                          "invalid_json",
                                                          "html_ok",
                                                          "repeated_page",
                                                          "duplicate_in_page",
                                                          "date_missing",
                                                          "redirect",
                                                          "timestamp_missing",
                                                          "duplicate_across_pages",
                                                          "date_shift"};

  void AddOne() {
    using std::chrono::hours;
    using std::chrono::seconds;
    const TimePoint now = clock_.Now();
    simulator::NewTask task{.queue = dice_.OneOf(kQueues), .result_code = dice_.OneOf(kCodes)};
    if (dice_.Chance(20)) {
      task.state = "started";
      task.result_code = "";
      task.enqueued_at = now - dice_.Span(seconds(0), hours(30));
      running_.push_back(simulator_.AddTask(task));
      return;
    }
    task.completed_at = CompletionTime(now);
    task.started_at = *task.completed_at - dice_.Span(seconds(0), hours(50));
    task.enqueued_at = *task.started_at - dice_.Span(seconds(0), hours(1));
    const std::int64_t id = simulator_.AddTask(task);
    done_[id] = *task.completed_at;
    if (*task.completed_at < now - kPunctual) {
      late_.insert(id);
    }
    last_ = *task.completed_at;
  }

  TimePoint CompletionTime(TimePoint now) {
    using std::chrono::hours;
    using std::chrono::seconds;
    if (dice_.Chance(15)) {
      return now - dice_.Span(seconds(0), options_.max_lateness);  // Appears late.
    }
    if (dice_.Chance(5)) {
      return now + dice_.Span(seconds(1), hours(2));  // An issuer whose clock is fast.
    }
    if (last_ != TimePoint{} && dice_.Chance(30) && last_ > now - options_.max_lateness) {
      return last_;  // Equal times over a page border.
    }
    return now - dice_.Span(seconds(0), seconds(30));
  }

  void FinishSome() {
    std::shuffle(running_.begin(), running_.end(), dice_.Source());
    for (std::int64_t tasks = dice_.Number(0, 4); tasks > 0 && !running_.empty(); --tasks) {
      done_[running_.back()] = clock_.Now();
      simulator_.ChangeTask(
          running_.back(),
          {.state = "completed", .result_code = dice_.OneOf(kCodes), .completed_at = clock_.Now()});
      running_.pop_back();
    }
  }

  /// A task that completed gets another result, or another completion time.
  void ChangeOne() {
    if (!options_.changes || done_.empty() || !dice_.Chance(30)) {
      return;
    }
    const auto task = done_.lower_bound(dice_.Number(done_.begin()->first, done_.rbegin()->first));
    if (dice_.Chance(50)) {
      simulator_.ChangeTask(task->first, {.result_code = dice_.OneOf(kCodes)});
    } else if (task->second < clock_.Now() && task->second > clock_.Now() - kRememberedFor) {
      task->second += dice_.Span(std::chrono::seconds(0), clock_.Now() - task->second);
      simulator_.ChangeTask(task->first, {.completed_at = task->second});
    }
  }

  void RemoveOld() {
    if (options_.keeps.count() == 0) {
      return;
    }
    for (auto task = done_.begin(); task != done_.end();) {
      if (task->second >= clock_.Now() - options_.keeps) {
        ++task;
        continue;
      }
      simulator_.RemoveTask(task->first);
      if (!late_.contains(task->first)) {
        removed_.insert(*task);
      }
      task = done_.erase(task);
    }
  }

  simulator::Simulator& simulator_;
  test::FakeClock& clock_;
  Dice& dice_;
  Options options_;
  std::vector<std::int64_t> running_;
  std::map<std::int64_t, TimePoint> done_;
  std::map<std::int64_t, TimePoint> removed_;
  std::set<std::int64_t> late_;
  TimePoint last_{};
};

}  // namespace acronis::property
