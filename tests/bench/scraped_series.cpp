#include "tests/bench/scraped_series.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "plugin/core/options.h"

namespace acronis::bench {
namespace {

std::vector<std::uint64_t> Buckets(std::size_t queue, std::size_t bounds) {
  std::vector<std::uint64_t> buckets(bounds + 1);
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    buckets[i] = SomeCount(queue, i) % 1000;
  }
  return buckets;
}

std::shared_ptr<const QueueCounts> MakeQueue(std::size_t number) {
  const MetricsOptions options;
  auto queue = std::make_shared<QueueCounts>();
  for (std::size_t i = 0; i < kResultCodeCount; ++i) {
    queue->completed.at(i) = SomeCount(number, i);
    queue->last_completion.at(i) =
        TimePoint(std::chrono::milliseconds(1'790'000'000'000 + SomeCount(number, i)));
  }
  queue->duration = {Buckets(number, options.duration_buckets.size()), 1'000'000};
  queue->queue_wait = {Buckets(number, options.queue_wait_buckets.size()), 2'000'000};
  return queue;
}

void CountOne(AccountView& view) {
  auto counts = std::make_shared<AccountCounts>(*view.counts);
  auto& shared = counts->queues.begin()->second;
  auto queue = std::make_shared<QueueCounts>(*shared);
  ++queue->completed[0];
  shared = queue;
  view.counts = counts;
}

}  // namespace

Snapshot ScrapedSnapshot(std::size_t queues) {
  Snapshot snapshot{.generation = 1};
  for (std::size_t first = 0; first < queues; first += kQueuesOfAnAccount) {
    auto counts = std::make_shared<AccountCounts>();
    counts->account = AccountName(first / kQueuesOfAnAccount);
    counts->baseline_complete = true;
    auto in_flight = std::make_shared<InFlightCounts>();
    for (std::size_t i = first; i < std::min(first + kQueuesOfAnAccount, queues); ++i) {
      counts->queues[QueueName(i)] = MakeQueue(i);
      (*in_flight)[QueueName(i)] = {};
    }
    snapshot.accounts.push_back({counts, true, true, in_flight});
  }
  return snapshot;
}

Snapshot AfterOneTask(const Snapshot& snapshot) {
  Snapshot next = snapshot;
  ++next.generation;
  CountOne(next.accounts.at(0));
  return next;
}

Snapshot AfterOneTaskEach(const Snapshot& snapshot) {
  Snapshot next = snapshot;
  ++next.generation;
  std::ranges::for_each(next.accounts, CountOne);
  return next;
}

}  // namespace acronis::bench
