#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <prometheus/metric_family.h>

#include "plugin/core/logger.h"
#include "plugin/core/telemetry.h"

namespace acronis::exporter {

struct BuildInfo {
  std::string version{};
  std::string revision{};
  std::string compiler{};
};

struct InstrumentsOptions {
  std::vector<std::string> accounts{};  ///< Those that are shown from the start.
  BuildInfo build{};
};

/// What this program does, measured while it does it: the live part of a scrape.
///
/// Every series that can be known from the options exists at 0 from the start;
/// gauges of events appear with the first event. Reports about an account that
/// was neither named in the options nor announced are dropped. Thread-safe, never throws; a
/// report costs well under a microsecond.
class Instruments final : public Telemetry {
 public:
  explicit Instruments(const InstrumentsOptions& options);
  ~Instruments() override;
  Instruments(const Instruments&) = delete;
  Instruments& operator=(const Instruments&) = delete;

  void RequestDone(std::string_view account, Endpoint endpoint, int status,
                   std::chrono::nanoseconds duration, std::size_t received) override;
  void Retried(std::string_view account, ErrorKind reason) override;
  void Throttled(std::string_view account, std::chrono::nanoseconds waited) override;
  void TokenRefreshed(std::string_view account, bool success,
                      std::optional<TimePoint> expires_at) override;
  void PageRead(std::string_view account) override;
  void PageRepaired(std::string_view account) override;
  /// A cancelled cycle is neither a success nor a failure and is not counted.
  void PollDone(std::string_view account, std::optional<ErrorKind> failure,
                std::chrono::nanoseconds duration, TimePoint finished_at) override;
  void ClockSkew(std::string_view account, std::chrono::nanoseconds skew) override;
  void TaskArrived(std::string_view account, std::chrono::nanoseconds delay) override;
  void StoreCommitted(std::chrono::nanoseconds duration) override;
  void StoreFailed(StoreOperation operation) override;
  void LabelRepaired(std::string_view label) override;
  void LabelOverflowed(std::string_view label, std::uint64_t increments) override;

  /// The configuration was loaded, at the start or anew, or refused at `at`.
  void ConfigReloaded(bool ok, TimePoint at);
  /// Reports about these accounts are counted from now on. Those that were not known before are not
  /// shown yet.
  void Announce(const std::vector<std::string>& accounts);
  /// From now on exactly these accounts are shown. One that is left out keeps its values for this
  /// process, and goes on with them when it is shown again. REQUIRES: they were announced.
  void ShowOnly(const std::vector<std::string>& accounts);

  /// By account that is shown, a number that grows whenever its poller reports something.
  std::map<std::string, std::uint64_t> Beats() const;

  /// For the logger: one line of `level` was written.
  void CountLogLine(LogLevel level);

  /// When all of it began at 0, in seconds since 1970; empty if the system does not tell.
  std::optional<double> ProcessStart() const;
  /// A copy of everything that is shown, the `process_*` metrics included; in no order.
  std::vector<prometheus::MetricFamily> Collect() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace acronis::exporter
