#include "exporter/commands/reloader.h"

#include <utility>

namespace acronis::exporter {

Reloader::Reloader(std::function<void()> reload)
    : reload_(std::move(reload)), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void Reloader::Request() {
  const std::lock_guard lock(mutex_);
  wanted_ = true;
  asked_.notify_one();
}

void Reloader::Stop() {
  thread_ = {};
}

void Reloader::Run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (asked_.wait(lock, stop, [this] { return wanted_; }) && !stop.stop_requested()) {
    wanted_ = false;
    lock.unlock();
    reload_();
    lock.lock();
  }
}

}  // namespace acronis::exporter
