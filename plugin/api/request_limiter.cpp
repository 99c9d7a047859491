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

Error Cancelled() {
  return {ErrorKind::kCancelled, "request limit: stopped, or no time left to wait"};
}

}  // namespace

RequestLimiter::RequestLimiter(std::string account, int max_per_minute, Clock& clock,
                               Telemetry& telemetry)
    : account_(std::move(account)),
      spacing_(Spacing(max_per_minute)),
      burst_(spacing_ * (Burst(max_per_minute) - 1)),
      clock_(clock),
      telemetry_(telemetry) {}

Status RequestLimiter::Acquire(const CallBounds& bounds) {
  do {
    const auto wait = Reserve(bounds);
    if (!wait) {
      return Cancelled();
    }
    if (*wait <= std::chrono::nanoseconds::zero()) {
      continue;
    }
    const auto before = clock_.Monotonic();
    const bool waited_out = clock_.SleepFor(*wait, bounds.stop);
    telemetry_.Throttled(account_, clock_.Monotonic() - before);
    if (!waited_out) {
      return Cancelled();
    }
  } while (IsHeld());
  return Ok{};
}

void RequestLimiter::HoldBack(std::chrono::nanoseconds time) {
  const std::lock_guard lock(mutex_);
  held_until_ = std::max(held_until_, clock_.Monotonic() + time);
  next_ = std::max(next_, held_until_ + burst_);
}

std::optional<std::chrono::nanoseconds> RequestLimiter::Reserve(const CallBounds& bounds) {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.Monotonic();
  const auto wait = std::max(std::max(next_, now) - burst_ - now, std::chrono::nanoseconds::zero());
  if (bounds.EndWithin(wait, now)) {
    return std::nullopt;
  }
  next_ = std::max(next_, now) + spacing_;
  return wait;
}

bool RequestLimiter::IsHeld() {
  const std::lock_guard lock(mutex_);
  return clock_.Monotonic() < held_until_;
}

}  // namespace acronis::api
