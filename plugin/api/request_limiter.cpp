#include "plugin/api/request_limiter.h"

#include <algorithm>
#include <utility>

namespace acronis::api {
namespace {

constexpr int kBurstShare = 6;

int Burst(int max_per_minute) {
  return std::max(1, max_per_minute / kBurstShare);
}

/// What the burst takes from a minute is missing from its even part.
std::chrono::nanoseconds Spacing(int max_per_minute) {
  return std::chrono::nanoseconds(std::chrono::minutes(1)) /
         (max_per_minute - Burst(max_per_minute) + 1);
}

}  // namespace

RequestLimiter::RequestLimiter(std::string account, int max_per_minute, Clock& clock,
                               Telemetry& telemetry)
    : account_(std::move(account)),
      spacing_(Spacing(max_per_minute)),
      burst_(spacing_ * (Burst(max_per_minute) - 1)),
      clock_(clock),
      telemetry_(telemetry) {}

bool RequestLimiter::Acquire(const std::stop_token& stop) {
  const auto wait = Reserve();
  if (wait <= std::chrono::nanoseconds::zero()) {
    return !stop.stop_requested();
  }
  const auto before = clock_.Monotonic();
  const bool waited_out = clock_.SleepFor(wait, stop);
  telemetry_.Throttled(account_, clock_.Monotonic() - before);
  return waited_out;
}

std::chrono::nanoseconds RequestLimiter::Reserve() {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.Monotonic();
  next_ = std::max(next_, now);
  const auto wait = next_ - burst_ - now;
  next_ += spacing_;
  return wait;
}

}  // namespace acronis::api
