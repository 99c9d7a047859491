#pragma once

#include <string_view>

#include "plugin/metrics/family_writer.h"

/// Names, types and help texts of what TaskTable writes.
namespace acronis::metrics::task_families {

/// How the names of the task metrics begin, and no others.
inline constexpr std::string_view kPrefix = "acronis_task";

inline constexpr FamilyInfo kCompleted{
    "acronis_tasks_completed_total", MetricType::kCounter,
    "Tasks that reached a final state, each counted once. Read on the exporter's own timer, not "
    "by the scrape."};
inline constexpr FamilyInfo kDuration{
    "acronis_task_duration_seconds", MetricType::kHistogram,
    "Time from start to completion of the tasks that were started."};
inline constexpr FamilyInfo kQueueWait{"acronis_task_queue_wait_seconds", MetricType::kHistogram,
                                       "Time from enqueueing to start; never below 0."};
inline constexpr FamilyInfo kLastCompletion{"acronis_tasks_last_completion_timestamp_seconds",
                                            MetricType::kGauge,
                                            "Newest completion time among the tasks counted."};
inline constexpr FamilyInfo kLastSuccess{
    "acronis_tasks_last_success_timestamp_seconds", MetricType::kGauge,
    "Newest completion time among the tasks counted with a result code that means success."};
inline constexpr FamilyInfo kInFlight{"acronis_tasks_in_flight", MetricType::kGauge,
                                      "Tasks not yet completed at the last poll."};
inline constexpr FamilyInfo kInFlightOldest{
    "acronis_tasks_in_flight_oldest_timestamp_seconds", MetricType::kGauge,
    "When the longest waiting of the tasks not yet completed was enqueued; absent without one."};
inline constexpr FamilyInfo kUp{
    "acronis_up", MetricType::kGauge,
    "1 if the last finished poll cycle succeeded; 0 before the first and after "
    "a failed one."};
inline constexpr FamilyInfo kInFlightComplete{
    "acronis_exporter_in_flight_complete", MetricType::kGauge,
    "1 if the in-flight gauges show the whole last listing, 0 if it was refused or cut short."};
inline constexpr FamilyInfo kReceived{"acronis_exporter_tasks_received_total", MetricType::kCounter,
                                      "Records received by the query for completed tasks."};
inline constexpr FamilyInfo kProcessed{"acronis_exporter_tasks_processed_total",
                                       MetricType::kCounter,
                                       "What became of the records received; the outcomes add up."};
inline constexpr FamilyInfo kChanged{
    "acronis_exporter_tasks_changed_total", MetricType::kCounter,
    "Tasks that came again with another result or completion time; not counted again."};
inline constexpr FamilyInfo kLate{"acronis_exporter_tasks_late_total", MetricType::kCounter,
                                  "Tasks counted although they completed before the watermark."};
inline constexpr FamilyInfo kDataGap{"acronis_exporter_data_gap_seconds_total",
                                     MetricType::kCounter,
                                     "Time range that the API could no longer give."};
inline constexpr FamilyInfo kDedupeEntries{"acronis_exporter_dedupe_entries", MetricType::kGauge,
                                           "Task ids remembered so that none is counted twice."};
inline constexpr FamilyInfo kWatermark{
    "acronis_exporter_watermark_timestamp_seconds", MetricType::kGauge,
    "Everything completed before this time that the API showed is counted; absent until the "
    "first catch-up is complete."};
inline constexpr FamilyInfo kStoreInfo{"acronis_exporter_store_info", MetricType::kGauge,
                                       "Always 1; the labels say which store is in use."};
inline constexpr FamilyInfo kStoreSize{"acronis_exporter_store_size_bytes", MetricType::kGauge,
                                       "Size of the store."};
inline constexpr FamilyInfo kSeriesLimit{"acronis_exporter_series_limit", MetricType::kGauge,
                                         "Most samples that one account may have."};
inline constexpr FamilyInfo kSeries{"acronis_exporter_series", MetricType::kGauge,
                                    "Samples that this page shows of the account's task metrics."};

}  // namespace acronis::metrics::task_families
