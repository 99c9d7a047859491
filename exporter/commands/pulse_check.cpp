#include "exporter/commands/pulse_check.h"

#include <algorithm>

namespace acronis::exporter {

std::size_t PulseCheck::Stuck(const std::map<std::string, std::uint64_t>& beats,
                              MonotonicTime now) {
  std::erase_if(pulses_, [&beats](const auto& pulse) { return !beats.contains(pulse.first); });
  for (const auto& [account, count] : beats) {
    const auto [pulse, is_new] = pulses_.try_emplace(account, Pulse{count, now});
    if (!is_new && pulse->second.beats != count) {
      pulse->second = {count, now};
    }
  }
  return static_cast<std::size_t>(std::ranges::count_if(
      pulses_, [&](const auto& pulse) { return now - pulse.second.moved > patience_; }));
}

}  // namespace acronis::exporter
