#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "plugin/core/clock.h"
#include "plugin/core/result.h"

namespace acronis {

/// The remote endpoints that are measured apart.
enum class Endpoint { kToken, kTasks };

/// What can go wrong with a store.
enum class StoreOperation { kOpen, kCommit, kPrune, kCheck };

/// What the fetcher does, told to whoever measures it.
///
/// An event that is not overridden is ignored. Everything here restarts at 0
/// with the process; what must survive is in the ledger instead. Called from many threads, also at
/// the same time; must not throw, block or do I/O. `account` is the configured account name.
class Telemetry {
 public:
  Telemetry() = default;
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;
  virtual ~Telemetry() = default;

  /// One HTTP exchange ended. `status` is 0 when there was no complete answer;
  /// `received` counts the body bytes read from the network, as they were sent, even then.
  virtual void RequestDone(std::string_view /*account*/, Endpoint /*endpoint*/, int /*status*/,
                           std::chrono::nanoseconds /*duration*/, std::size_t /*received*/) {}
  /// A request is about to be repeated because of `reason`.
  virtual void Retried(std::string_view /*account*/, ErrorKind /*reason*/) {}
  /// Time was spent waiting for Retry-After or for the own request limit.
  virtual void Throttled(std::string_view /*account*/, std::chrono::nanoseconds /*waited*/) {}
  /// A token was asked for. `expires_at` is the server's word, in its own time.
  virtual void TokenRefreshed(std::string_view /*account*/, bool /*success*/,
                              std::optional<TimePoint> /*expires_at*/) {}
  /// A page of tasks was read and understood.
  virtual void PageRead(std::string_view /*account*/) {}
  /// A page of tasks was not valid UTF-8 and was repaired before it was read.
  virtual void PageRepaired(std::string_view /*account*/) {}
  /// A poll cycle ended; `failure` is empty when it succeeded.
  virtual void PollDone(std::string_view /*account*/, std::optional<ErrorKind> /*failure*/,
                        std::chrono::nanoseconds /*duration*/, TimePoint /*finished_at*/) {}
  /// Server `Date` minus the local clock.
  virtual void ClockSkew(std::string_view /*account*/, std::chrono::nanoseconds /*skew*/) {}
  /// A counted task became visible this long after it completed.
  virtual void TaskArrived(std::string_view /*account*/, std::chrono::nanoseconds /*delay*/) {}
  /// A ledger transaction was committed.
  virtual void StoreCommitted(std::chrono::nanoseconds /*duration*/) {}
  /// Something went wrong with the store; what was tried was rolled back.
  virtual void StoreFailed(StoreOperation /*operation*/) {}
  /// Increments went to the label value `_other`, because the label has too many values.
  virtual void LabelOverflowed(std::string_view /*label*/, std::uint64_t /*increments*/) {}
  /// A label value was repaired (invalid UTF-8 or over-long) before it was counted under.
  virtual void LabelRepaired(std::string_view /*label*/) {}
};

}  // namespace acronis
