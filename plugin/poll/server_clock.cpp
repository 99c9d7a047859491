#include "plugin/poll/server_clock.h"

#include <chrono>

namespace acronis::poll {
namespace {

constexpr std::chrono::nanoseconds kTolerance = std::chrono::minutes(5);
constexpr int kPollsThatMustAgree = 3;

}  // namespace

bool ServerClock::Observe(TimePoint server_time, MonotonicTime now) {
  const Reading reading{.server_time = server_time, .monotonic = now};
  const auto gain = [&reading](const Reading& before) {
    return (reading.server_time - before.server_time) - (reading.monotonic - before.monotonic);
  };
  if (!trusted_ || gain(*trusted_) <= kTolerance) {
    trusted_ = reading;
    doubted_.reset();
    return true;
  }
  const bool agrees = doubted_ && gain(*doubted_) <= kTolerance && gain(*doubted_) >= -kTolerance;
  agreeing_ = agrees ? agreeing_ + 1 : 1;
  doubted_ = reading;
  if (agreeing_ < kPollsThatMustAgree) {
    return false;
  }
  trusted_ = reading;
  doubted_.reset();
  return true;
}

}  // namespace acronis::poll
