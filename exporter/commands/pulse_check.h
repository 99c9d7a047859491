#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "plugin/core/clock.h"

namespace acronis::exporter {

/// Finds pollers that have come to a halt: nothing that they count has moved for longer than
/// anything they do may last. Not thread-safe.
class PulseCheck {
 public:
  explicit PulseCheck(std::chrono::nanoseconds patience) : patience_(patience) {}

  /// Other options may make other beats.
  void SetPatience(std::chrono::nanoseconds patience) { patience_ = patience; }

  /// How many have not moved for longer than the patience, as far as earlier calls saw. `beats` by
  /// account: a number that changes whenever its poller does something.
  std::size_t Stuck(const std::map<std::string, std::uint64_t>& beats, MonotonicTime now);

 private:
  struct Pulse {
    std::uint64_t beats;
    MonotonicTime moved;
  };

  std::chrono::nanoseconds patience_;
  std::map<std::string, Pulse> pulses_;
};

}  // namespace acronis::exporter
