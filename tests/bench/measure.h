#pragma once

#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace acronis::bench {

/// User and system CPU time of the process so far, all its threads together.
inline std::chrono::microseconds CpuTime() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/// What the process has in memory now.
inline std::int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t all = 0;
  std::int64_t resident = 0;
  statm >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

/// The most that the process ever had in memory.
inline std::int64_t PeakResidentBytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word == "VmHWM:") {
      std::int64_t kibibytes = 0;
      status >> kibibytes;
      return kibibytes * 1024;
    }
  }
  return 0;
}

/// Adds up what is done inside its Measure(), and leaves out what happens in between.
class Meter {
 public:
  template <typename Function>
  void Measure(const Function& run) {
    const auto wall = std::chrono::steady_clock::now();
    const auto cpu = CpuTime();
    run();
    cpu_ += CpuTime() - cpu;
    wall_ += std::chrono::steady_clock::now() - wall;
  }

  double CpuMicroseconds() const { return static_cast<double>(cpu_.count()); }
  double WallSeconds() const { return std::chrono::duration<double>(wall_).count(); }

 private:
  std::chrono::microseconds cpu_{};
  std::chrono::nanoseconds wall_{};
};

}  // namespace acronis::bench
