#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace acronis::bench {

/// What a client has counted. Every client of the benchmarks reports it in these words, and so does
/// who made the tasks: line by line it must be the same.
struct Totals {
  std::map<std::pair<std::string, std::string>, std::uint64_t> tasks{};  ///< By queue and result.
  std::uint64_t durations = 0;  ///< Observations of both histograms.
  std::uint64_t queue_waits = 0;

  void Print() const {
    for (const auto& [key, count] : tasks) {
      std::printf("tasks:%s:%s %llu\n", key.first.c_str(), key.second.c_str(),
                  static_cast<unsigned long long>(count));
    }
    std::printf("durations: %llu\n", static_cast<unsigned long long>(durations));
    std::printf("queue_waits: %llu\n", static_cast<unsigned long long>(queue_waits));
  }
};

}  // namespace acronis::bench
