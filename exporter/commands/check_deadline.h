#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace acronis::exporter {

/// Ends the work of one run when its time is over, or SIGINT or SIGTERM comes.
///
/// Requests a stop first. Work that has not ended a second later, such as the look-up of a name,
/// is left behind: `give_up` is called on a thread of the deadline's and must end the process.
/// Blocks both signals for the calling thread and those started from it later, so make it before
/// any other thread.
class CheckDeadline {
 public:
  CheckDeadline(std::chrono::nanoseconds timeout,
                std::function<void(const std::string& why)> give_up);
  ~CheckDeadline();
  CheckDeadline(const CheckDeadline&) = delete;
  CheckDeadline& operator=(const CheckDeadline&) = delete;

  std::stop_token Stop() const { return stop_.get_token(); }
  /// Why a stop was requested; empty while it was not.
  std::string Why() const;

 private:
  void Watch(std::chrono::nanoseconds timeout);
  void End(std::string why);

  const std::function<void(const std::string&)> give_up_;
  int done_;     ///< Becomes readable when the work is done.
  int signals_;  ///< Becomes readable when a signal comes.
  std::stop_source stop_;
  mutable std::mutex mutex_;
  std::string why_;  // Guarded by mutex_.
  std::thread watcher_;
};

}  // namespace acronis::exporter
