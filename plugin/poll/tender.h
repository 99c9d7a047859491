#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "plugin/core/clock.h"
#include "plugin/ledger/ledger.h"

namespace acronis::poll {

/// Does what time alone makes due in the ledger. Sleeps while there is nothing. Borrows both.
class Tender {
 public:
  Tender(ledger::Ledger& ledger, Clock& clock) : ledger_(ledger), clock_(clock) {}

  /// Something may be due soon, also sooner than what was waited for. From any thread.
  void Wake();
  /// On a thread of its own, until it is stopped.
  void Run(const std::stop_token& stop);

 private:
  bool WaitForWork(const std::stop_token& stop);
  /// True when the time has passed, false at once when somebody wakes us.
  bool Nap(std::chrono::nanoseconds delay, const std::stop_token& stop);

  ledger::Ledger& ledger_;
  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool awake_ = false;    // Guarded by mutex_, as the next one is.
  std::stop_source nap_;  // Ends the sleep under way.
};

}  // namespace acronis::poll
