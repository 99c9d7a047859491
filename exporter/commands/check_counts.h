#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace acronis::exporter {

/// One series of completed tasks, by the label values of the exporter.
struct TaskSeries {
  std::string account{};
  std::string queue{};
  std::string result_code{};

  bool operator==(const TaskSeries&) const = default;
  bool operator<(const TaskSeries& other) const {
    return std::tie(account, queue, result_code) <
           std::tie(other.account, other.queue, other.result_code);
  }
};

using SeriesTotals = std::map<TaskSeries, std::uint64_t>;

/// Which tasks are looked at, and which of them are counted against the ranges.
struct CheckScope {
  std::string account{};              ///< Empty: all.
  std::vector<std::string> queues{};  ///< Empty: all.
  std::vector<std::string> result_codes{};
  std::vector<std::string> success_codes{"ok", "warning"};

  bool Includes(std::string_view of_account, std::string_view queue) const {
    return (account.empty() || account == of_account) &&
           (queues.empty() || std::ranges::find(queues, queue) != queues.end());
  }
  /// Without result codes everything counts that is not a success.
  bool Counts(std::string_view code) const {
    if (result_codes.empty()) {
      return std::ranges::find(success_codes, code) == success_codes.end();
    }
    return std::ranges::find(result_codes, code) != result_codes.end();
  }
};

/// What completed in the window, as far as it is known.
struct WindowCounts {
  SeriesTotals completed{};
  bool several_accounts = false;      ///< There are, whether or not tasks of them completed.
  std::chrono::nanoseconds length{};  ///< Of the window.
  std::string window{};      ///< It in words: `1h`, or `the last 23m, since the first check`.
  std::string incomplete{};  ///< Why there may be more than is known; empty: there is not.
  std::vector<std::string> notes{};  ///< What a person should know besides, a line each.
};

}  // namespace acronis::exporter
