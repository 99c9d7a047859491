#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "plugin/core/task.h"

namespace acronis::bench {

/// How an account's tasks come in.
struct TaskStreamOptions {
  std::uint64_t seed = 1;
  double tasks_per_second = 2;
  std::size_t queues = 40;
  /// Share of a page that completed earlier, up to a day: agents that were offline.
  double late_share = 0.01;
  TimePoint begin = TimePoint(std::chrono::seconds(1'790'000'000));
};

/// The completed tasks of one account as the API shows them: pages in the order of completion, ids
/// in the order of creation, which is not the same.
///
/// Like the API's, ids are the time of creation in ticks of 2^20 ns, a node and a sequence: 18 to
/// 19 digits. None comes twice. The same options give the same tasks.
class TaskStream {
 public:
  explicit TaskStream(TaskStreamOptions options);

  std::vector<Task> NextPage(std::size_t tasks);
  /// The completion of the newest task so far.
  TimePoint Now() const { return now_; }

 private:
  Task Completed(TimePoint at);
  double Unit() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  TaskStreamOptions options_;
  std::mt19937_64 random_;
  std::vector<std::string> queues_;
  TimePoint now_;
  std::int64_t tasks_ = 0;
};

}  // namespace acronis::bench
