#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "plugin/collector.h"

namespace acronis::fakes {

/// A collector that shows what it was told to show and remembers what was asked of it. Thread-safe.
class FakeCollector final : public Collector {
 public:
  FakeCollector() = default;
  explicit FakeCollector(Snapshot snapshot) { Show(std::move(snapshot)); }

  void Show(Snapshot snapshot) {
    const std::lock_guard lock(mutex_);
    snapshot_ = std::make_shared<const Snapshot>(std::move(snapshot));
  }
  void LetPollsFail() {
    const std::lock_guard lock(mutex_);
    poll_result_ = false;
  }

  void LetReloadsFail(const std::string& message) {
    const std::lock_guard lock(mutex_);
    reload_result_ = Error{ErrorKind::kInvalidArgument, message};
  }

  bool Started() const { return Read(started_); }
  bool Stopped() const { return Read(stopped_); }
  int Polls() const { return Read(polls_); }
  int Reloads() const { return Read(reloads_); }
  /// Generations of the snapshots that were delivered, in order.
  std::vector<std::uint64_t> Served() const { return Read(served_); }

  Status OpenStore() override { return Ok{}; }
  void Start() override {
    const std::lock_guard lock(mutex_);
    started_ = true;
  }
  bool PollOnce() noexcept override {
    const std::lock_guard lock(mutex_);
    ++polls_;
    return poll_result_;
  }
  Status Reload(const CollectorOptions& /*options*/) override {
    const std::lock_guard lock(mutex_);
    ++reloads_;
    return reload_result_;
  }
  std::shared_ptr<const Snapshot> TakeSnapshot() const override { return Read(snapshot_); }
  void NoteServed(const Snapshot& snapshot) noexcept override {
    const std::lock_guard lock(mutex_);
    served_.push_back(snapshot.generation);
  }
  void Stop() noexcept override {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  void CloseStore() noexcept override {}

 private:
  template <typename T>
  T Read(const T& value) const {
    const std::lock_guard lock(mutex_);
    return value;
  }

  mutable std::mutex mutex_;
  std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<const Snapshot>();
  std::vector<std::uint64_t> served_;
  bool started_ = false;
  bool stopped_ = false;
  bool poll_result_ = true;
  int polls_ = 0;
  int reloads_ = 0;
  Status reload_result_ = Ok{};
};

}  // namespace acronis::fakes
