#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plugin/collector.h"

namespace acronis::fakes {

inline TimePoint AtSecond(std::int64_t seconds) {
  return TimePoint(std::chrono::seconds(seconds));
}

/// The counts of a queue in which nothing has happened yet.
inline std::shared_ptr<const QueueCounts> IdleQueue() {
  return std::make_shared<QueueCounts>();
}

/// 5 ok, 2 error; default buckets.
inline std::shared_ptr<const QueueCounts> BusyQueue() {
  auto queue = std::make_shared<QueueCounts>();
  const auto ok = static_cast<std::size_t>(ResultCode::kOk);
  const auto error = static_cast<std::size_t>(ResultCode::kError);
  queue->completed[ok] = 5;
  queue->completed[error] = 2;
  queue->last_completion[ok] = AtSecond(1'790'000'000) + std::chrono::milliseconds(250);
  queue->last_completion[error] = AtSecond(1'790'000'100);
  queue->duration.buckets = {1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
  queue->duration.sum_us = 400'000'500'000;
  queue->queue_wait.buckets = {7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  queue->queue_wait.sum_us = 1;
  return queue;
}

/// `emea` has counted: one busy queue and an idle one with a hostile name. `apac` has not finished
/// its first catch-up. Not in the order of the names.
inline Snapshot SampleSnapshot() {
  auto emea = std::make_shared<AccountCounts>();
  emea->account = "emea";
  emea->baseline_complete = true;
  emea->watermark = AtSecond(1'790'000'200);
  emea->books = {.received = 15,
                 .counted = 7,
                 .duplicate = 5,
                 .discarded_late = 1,
                 .invalid = 2,
                 .changed_result = 3,
                 .changed_completion_time = 4,
                 .late = 6};
  emea->data_gap = std::chrono::milliseconds(90'500);
  emea->dedupe_entries = 7;
  emea->queues = {{"backup", BusyQueue()}, {"q\"uo\\te\nü", IdleQueue()}};

  auto in_flight = std::make_shared<InFlightCounts>();
  (*in_flight)["backup"] = {
      InFlightCount{3, AtSecond(1'789'999'000)}, {}, InFlightCount{1, {}}, {}};
  (*in_flight)["q\"uo\\te\nü"] = {};

  auto apac = std::make_shared<AccountCounts>();
  apac->account = "apac";
  apac->watermark = AtSecond(1'780'000'000);

  Snapshot snapshot;
  snapshot.generation = 42;
  snapshot.store = {
      .id = "0123456789abcdef0123456789abcdef", .engine = "sqlite", .size_bytes = 40'960};
  snapshot.accounts = {AccountView{emea, true, true, in_flight},
                       AccountView{apac, false, false, {}}};
  return snapshot;
}

}  // namespace acronis::fakes
