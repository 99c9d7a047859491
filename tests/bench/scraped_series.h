#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "plugin/collector.h"

namespace acronis::bench {

/// Samples of one queue: 7 completions and as many last times, 16 and 15 of the two histograms, the
/// last success, 4 of what is in flight.
inline constexpr std::size_t kSamplesOfAQueue = 50;
/// As many as an account may have.
inline constexpr std::size_t kQueuesOfAnAccount = 200;

inline std::string AccountName(std::size_t number) {
  return "account-" + std::to_string(10 + number);
}
inline std::string QueueName(std::size_t number) {
  return "queue-" + std::to_string(10'000 + number);
}

/// A number for each position of each queue, so that no two lines are alike.
inline std::uint64_t SomeCount(std::size_t queue, std::size_t position) {
  return (queue * 7919 + position * 104'729) % 1'000'003;
}

/// So many queues, in accounts of kQueuesOfAnAccount, with everything that they can show.
Snapshot ScrapedSnapshot(std::size_t queues);

/// The same after a commit that counts one task in the first account, or one in each.
Snapshot AfterOneTask(const Snapshot& snapshot);
Snapshot AfterOneTaskEach(const Snapshot& snapshot);

}  // namespace acronis::bench
