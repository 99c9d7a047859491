#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/simulator/task_record.h"

namespace acronis::simulator {

/// The result codes of the API in the order of the weights below.
inline constexpr std::array<std::string_view, 6> kResultTexts = {
    "ok", "warning", "error", "cancelled", "abandoned", "timedout"};

/// What the tasks of one queue are like.
struct QueueProfile {
  std::string name;
  WorkKind kind = WorkKind::kSync;
  std::vector<std::string_view> types{};
  std::int64_t shortest_s = 0;  ///< Run time.
  std::int64_t longest_s = 0;
  std::array<int, kResultTexts.size()> weights{};  ///< Parts per thousand.
  std::uint64_t share = 1;                         ///< How often, beside the other queues.
};

/// At least one queue; queue n does not depend on `count`.
std::vector<QueueProfile> MakeQueues(int count);

/// The mix of results of a backup on a bad night.
inline constexpr std::array<int, kResultTexts.size()> kBadNightWeights = {180, 120, 560,
                                                                          10,  50,  80};

}  // namespace acronis::simulator
