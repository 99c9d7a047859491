#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "exporter/instruments/families.h"
#include "plugin/core/clock.h"
#include "plugin/core/result.h"
#include "plugin/core/telemetry.h"

namespace acronis::exporter {

/// A gauge that has no value, and no series, before its first event. Thread-safe.
class EventGauge {
 public:
  EventGauge(GaugeFamily& family, prometheus::Labels labels);
  void Set(double value);

 private:
  GaugeFamily& family_;
  prometheus::Labels labels_;
  std::atomic<prometheus::Gauge*> gauge_ = nullptr;
};

/// The series of one account, with their handles at hand: looking one up in its
/// family costs some fifty times an increment. Borrows the families. Thread-safe.
class AccountInstruments {
 public:
  AccountInstruments(const std::string& account, Families& families);

  void RequestDone(Endpoint endpoint, int status, std::chrono::nanoseconds duration,
                   std::size_t received);
  void Retried(ErrorKind reason);
  void Throttled(std::chrono::nanoseconds waited);
  void TokenRefreshed(bool success, std::optional<TimePoint> expires_at);
  void PageRead();
  void PageRepaired();
  void PollDone(std::optional<ErrorKind> failure, std::chrono::nanoseconds duration,
                TimePoint finished_at);
  void ClockSkew(std::chrono::nanoseconds skew);
  void TaskArrived(std::chrono::nanoseconds delay);

  /// How often its poller has reported anything; for who wants to know whether it still runs.
  std::uint64_t Beats() const { return beats_; }

 private:
  struct EndpointInstruments {
    std::string name;
    prometheus::Counter& ok;
    prometheus::Counter& no_answer;
    prometheus::Histogram& duration;
  };

  EndpointInstruments MakeEndpoint(const std::string& name);
  prometheus::Counter& Failures(ErrorKind reason);
  prometheus::Counter& Retries(ErrorKind reason);
  prometheus::Counter& Requests(const EndpointInstruments& endpoint, int status);

  std::string account_;
  Families& families_;
  std::atomic<std::uint64_t> beats_ = 0;
  prometheus::Counter& polls_success_;
  prometheus::Counter& polls_error_;
  prometheus::Histogram& poll_duration_;
  EventGauge last_successful_poll_;
  EndpointInstruments token_;
  EndpointInstruments tasks_;
  prometheus::Counter& received_bytes_;
  prometheus::Counter& pages_;
  prometheus::Counter& pages_repaired_;
  prometheus::Counter& throttled_;
  prometheus::Counter& token_success_;
  prometheus::Counter& token_error_;
  EventGauge token_expiry_;
  EventGauge clock_skew_;
  prometheus::Histogram& arrival_delay_;
};

/// Bucket bounds of requests, polls and commits, in seconds.
const prometheus::Histogram::BucketBoundaries& OperationBounds();

double ToSeconds(std::chrono::nanoseconds duration);

}  // namespace acronis::exporter
