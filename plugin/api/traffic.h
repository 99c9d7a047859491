#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "plugin/api/call_bounds.h"
#include "plugin/api/request_limiter.h"
#include "plugin/api/retry_policy.h"
#include "plugin/api/task_query.h"
#include "plugin/core/clock.h"
#include "plugin/core/logger.h"
#include "plugin/core/result.h"
#include "plugin/core/telemetry.h"

namespace acronis::api {

/// What all requests of one account share, whichever session sends them: the request limit, the
/// retries of the poll cycle, what the server asked for, and what it was found not to take.
///
/// Thread-safe; borrows what is in Deps for its life.
class Traffic {
 public:
  struct Deps {
    Clock& clock;
    Logger& log;
    Telemetry& telemetry;
    /// From [0, 1); called under a lock.
    std::function<double()> jitter;
  };

  /// REQUIRES: max_requests_per_minute >= 1.
  Traffic(std::string account, int max_requests_per_minute, Deps deps);

  /// Jitter of its own for every process.
  static std::function<double()> RandomJitter();

  /// A poll cycle, or what else is to have a budget of its own, begins.
  void BeginCycle();
  /// Which one it is.
  std::uint64_t Cycle() const;

  /// Waits for a place under the request limit, and for what the server asked for. Without one
  /// kCancelled.
  Status Admit(const CallBounds& bounds) { return limiter_.Acquire(bounds); }

  /// A request was answered as it should.
  void NoteSuccess();
  /// A try failed. True if the last one did not fail in this way: for a log that is read.
  bool NoteFailure(ErrorKind kind);
  /// True, when it has waited long enough, if the request is to be sent again.
  bool WaitToRetry(const Error& error, int retries, const CallBounds& bounds);
  /// How often the server asked for less, so far.
  std::uint64_t TimesThrottled() const;

  /// `query` without what the server does not take.
  TaskQuery Fit(TaskQuery query) const;
  /// Learns from the refusal of `query`, for the life of the process. True if it is worth asking
  /// again. `first_page`: only that carries an order.
  bool LearnFrom(const Error& refusal, const TaskQuery& query, bool first_page);
  /// False if the server was found not to sort.
  bool Sorts() const;

 private:
  RetryPlan Plan(const Error& error, int retries);

  std::string account_;
  Deps deps_;
  RequestLimiter limiter_;

  mutable std::mutex mutex_;
  // All guarded by mutex_.
  std::uint64_t cycle_ = 0;
  RetryBudget budget_;
  bool granted_ = false;  ///< The retries of transfers, in this cycle.
  std::optional<ErrorKind> failing_;
  std::uint64_t times_throttled_ = 0;
  bool sorts_ = true;
  std::optional<int> most_per_page_;
};

}  // namespace acronis::api
