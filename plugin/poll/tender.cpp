#include "plugin/poll/tender.h"

namespace acronis::poll {

void Tender::Wake() {
  {
    const std::lock_guard lock(mutex_);
    awake_ = true;
    nap_.request_stop();
  }
  changed_.notify_one();
}

void Tender::Run(const std::stop_token& stop) {
  while (WaitForWork(stop)) {
    auto next = ledger_.Tend(clock_.Monotonic());
    while (next && Nap(*next - clock_.Monotonic(), stop)) {
      next = ledger_.Tend(clock_.Monotonic());
    }
  }
}

bool Tender::WaitForWork(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [this] { return awake_; });
  awake_ = false;
  return !stop.stop_requested();
}

bool Tender::Nap(std::chrono::nanoseconds delay, const std::stop_token& stop) {
  std::stop_source nap;
  {
    const std::lock_guard lock(mutex_);
    if (awake_) {
      return false;
    }
    nap_ = nap;
  }
  const std::stop_callback end(stop, [&nap] { nap.request_stop(); });
  return clock_.SleepFor(delay, nap.get_token());
}

}  // namespace acronis::poll
