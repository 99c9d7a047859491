#pragma once

#include <atomic>
#include <memory>

#include "plugin/api/task_client.h"

namespace acronis::api {

/// A connection of its own to an account's API, for one thread at a time. Ends with its life.
class Session {
 public:
  virtual ~Session() = default;
  virtual TaskClient& Client() = 0;
};

/// Where further sessions of an account come from. Thread-safe.
class SessionSource {
 public:
  virtual ~SessionSource() = default;
  /// Null when there may be no more now. The source must outlive what it gives.
  virtual std::unique_ptr<Session> Lease() = 0;
};

/// How many further sessions the accounts of a process may have at once, each with a page in
/// memory. Thread-safe.
class SessionCap {
 public:
  static constexpr int kDefault = 32;

  explicit SessionCap(int most = kDefault) : left_(most) {}

  /// False when all are in use.
  bool Take() {
    int left = left_;
    while (left > 0 && !left_.compare_exchange_weak(left, left - 1)) {
    }
    return left > 0;
  }
  void GiveBack() { ++left_; }

 private:
  std::atomic<int> left_;
};

}  // namespace acronis::api
