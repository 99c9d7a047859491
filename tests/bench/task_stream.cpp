#include "tests/bench/task_stream.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <utility>

namespace acronis::bench {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kLongestRun = std::chrono::hours(2);
constexpr nanoseconds kLongestWait = std::chrono::minutes(3);
constexpr nanoseconds kLatest = std::chrono::hours(24);

/// A result code, and how many of a thousand tasks have that one or one before it.
struct Share {
  const char* code;
  double up_to;
};
constexpr std::array kShares = {Share{"ok", 900},        Share{"warning", 955},
                                Share{"error", 985},     Share{"cancelled", 993},
                                Share{"abandoned", 997}, Share{"timedout", 1000}};

const char* CodeAt(double unit) {
  return std::ranges::find_if(kShares,
                              [&](const Share& share) { return unit * 1000 < share.up_to; })
      ->code;
}

nanoseconds Times(nanoseconds span, double factor) {
  return std::chrono::duration_cast<nanoseconds>(span * factor);
}

std::int64_t MakeId(TimePoint created, std::int64_t number) {
  constexpr std::int64_t kEpoch = 1'288'834'974'288;
  constexpr std::int64_t kNodesAndSequences = std::int64_t{1} << 22;
  const std::int64_t tick = created.time_since_epoch().count() >> 20;
  return ((tick - kEpoch) << 22) | (number % kNodesAndSequences);
}

}  // namespace

TaskStream::TaskStream(TaskStreamOptions options)
    : options_(options), random_(options.seed), now_(options.begin) {
  for (std::size_t number = 0; number < options_.queues; ++number) {
    queues_.push_back("backup-agent-" + std::to_string(number));
  }
}

std::vector<Task> TaskStream::NextPage(std::size_t tasks) {
  std::vector<TimePoint> times;
  for (std::size_t number = 0; number < tasks; ++number) {
    if (Unit() < options_.late_share) {
      times.push_back(now_ - Times(kLatest, Unit()));
    } else {
      now_ += Times(std::chrono::seconds(1), -std::log(1 - Unit()) / options_.tasks_per_second);
      times.push_back(now_);
    }
  }
  std::ranges::sort(times);
  std::vector<Task> page;
  page.reserve(tasks);
  for (const TimePoint time : times) {
    page.push_back(Completed(time));
  }
  return page;
}

Task TaskStream::Completed(TimePoint at) {
  // Most tasks are short, a few are very long.
  const TimePoint started = at - Times(kLongestRun, std::pow(Unit(), 3));
  const TimePoint enqueued = started - Times(kLongestWait, std::pow(Unit(), 3));
  Task task{.id = MakeId(enqueued, tasks_++)};
  task.queue = queues_[random_() % queues_.size()];
  task.type = "8F01AC13-F59E-4851-9204-DE1FD77E36B4";
  task.state = "completed";
  task.result_code = CodeAt(Unit());
  task.tenant_id = "8c5eb6c0-8b5a-4c0c-9a0b-5d1f9a3c7b11";
  task.enqueued_at = enqueued;
  task.started_at = started;
  task.updated_at = at;
  task.completed_at = at;
  return task;
}

}  // namespace acronis::bench
