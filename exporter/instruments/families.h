#pragma once

#include <string>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace acronis::exporter {

using CounterFamily = prometheus::Family<prometheus::Counter>;
using GaugeFamily = prometheus::Family<prometheus::Gauge>;
using HistogramFamily = prometheus::Family<prometheus::Histogram>;

inline CounterFamily& AddCounter(prometheus::Registry& registry, const std::string& name,
                                 const std::string& help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}
inline GaugeFamily& AddGauge(prometheus::Registry& registry, const std::string& name,
                             const std::string& help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}
inline HistogramFamily& AddHistogram(prometheus::Registry& registry, const std::string& name,
                                     const std::string& help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

/// Names and help texts of the program's own metrics, in one place. Borrows the registry.
struct Families {
  explicit Families(prometheus::Registry& target) : registry(target) {}

  prometheus::Registry& registry;

  CounterFamily& polls =
      AddCounter(registry, "acronis_exporter_polls_total", "Poll cycles that ended, by result.");
  CounterFamily& poll_failures = AddCounter(registry, "acronis_exporter_poll_failures_total",
                                            "Poll cycles that failed, by reason.");
  HistogramFamily& poll_duration = AddHistogram(registry, "acronis_exporter_poll_duration_seconds",
                                                "How long a poll cycle took.");
  GaugeFamily& last_successful_poll =
      AddGauge(registry, "acronis_exporter_last_successful_poll_timestamp_seconds",
               "End of the last poll cycle that succeeded; absent before the first.");

  CounterFamily& api_requests =
      AddCounter(registry, "acronis_exporter_api_requests_total",
                 "HTTP requests sent, by status code; error stands for no complete answer.");
  HistogramFamily& api_request_duration =
      AddHistogram(registry, "acronis_exporter_api_request_duration_seconds",
                   "How long a request took, the response body included.");
  CounterFamily& api_received_bytes =
      AddCounter(registry, "acronis_exporter_api_received_bytes_total",
                 "Bytes of response bodies read from the network, before they are unpacked.");
  CounterFamily& api_pages =
      AddCounter(registry, "acronis_exporter_api_pages_total", "Pages of tasks read.");
  CounterFamily& api_pages_repaired = AddCounter(
      registry, "acronis_exporter_api_pages_repaired_total",
      "Task pages with invalid UTF-8, which was replaced by U+FFFD before they were read.");
  CounterFamily& api_retries = AddCounter(registry, "acronis_exporter_api_retries_total",
                                          "Requests that were repeated, by reason.");
  CounterFamily& api_throttled =
      AddCounter(registry, "acronis_exporter_api_throttled_seconds_total",
                 "Time spent waiting because the server or the own request limit asked for it.");

  CounterFamily& token_refreshes =
      AddCounter(registry, "acronis_exporter_token_refreshes_total", "Token requests, by result.");
  GaugeFamily& token_expiry =
      AddGauge(registry, "acronis_exporter_token_expiry_timestamp_seconds",
               "When the token in use expires, in the server's time; absent without one.");

  HistogramFamily& arrival_delay =
      AddHistogram(registry, "acronis_exporter_task_arrival_delay_seconds",
                   "Time from a task's completion until it was counted; without the first "
                   "catch-up.");
  GaugeFamily& clock_skew =
      AddGauge(registry, "acronis_exporter_clock_skew_seconds",
               "Server clock minus local clock; absent before the first answer.");
  CounterFamily& label_repairs =
      AddCounter(registry, "acronis_exporter_label_repairs_total",
                 "Label values repaired because they were over-long or not valid UTF-8.");
  CounterFamily& label_overflow =
      AddCounter(registry, "acronis_exporter_label_overflow_total",
                 "Increments that went to the label value _other because a limit was reached.");
  CounterFamily& store_errors = AddCounter(registry, "acronis_exporter_store_errors_total",
                                           "Problems of the store, by operation.");
  HistogramFamily& store_commit =
      AddHistogram(registry, "acronis_exporter_store_commit_duration_seconds",
                   "How long a commit of the ledger took.");

  GaugeFamily& config_reload_successful =
      AddGauge(registry, "acronis_exporter_config_last_reload_successful",
               "1 if the last reload of the configuration was accepted.");
  GaugeFamily& config_reload_success_time =
      AddGauge(registry, "acronis_exporter_config_last_reload_success_timestamp_seconds",
               "When a configuration was accepted last.");

  CounterFamily& log_messages =
      AddCounter(registry, "acronis_exporter_log_messages_total", "Log lines written, by level.");
  GaugeFamily& build_info = AddGauge(registry, "acronis_exporter_build_info",
                                     "Always 1; the labels say which build this is.");
};

}  // namespace acronis::exporter
