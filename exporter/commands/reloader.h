#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace acronis::exporter {

/// Reloads on a thread of its own: a reload may wait for what a slow system or network holds up,
/// and the signal that ends the program must be heard meanwhile.
class Reloader {
 public:
  /// `reload` must not throw.
  explicit Reloader(std::function<void()> reload);

  /// Asks for a reload. Those that are asked for while one is under way become one more.
  void Request();
  /// Waits for the one that is under way; there are none after it.
  void Stop();

 private:
  void Run(const std::stop_token& stop);

  std::function<void()> reload_;
  std::mutex mutex_;
  std::condition_variable_any asked_;
  bool wanted_ = false;  ///< Guarded by mutex_.
  std::jthread thread_;
};

}  // namespace acronis::exporter
