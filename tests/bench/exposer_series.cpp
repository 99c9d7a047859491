#include "tests/bench/exposer_series.h"

#include <string>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include "plugin/core/options.h"
#include "plugin/core/task.h"
#include "tests/bench/scraped_series.h"

namespace acronis::bench {
namespace {

using prometheus::Labels;

template <typename Builder>
auto& AddFamily(Builder builder, prometheus::Registry& registry, const std::string& name) {
  return builder.Name(name).Help("As in the catalogue, of about this length.").Register(registry);
}

class Families {
 public:
  explicit Families(prometheus::Registry& registry) : registry_(registry) {}

  void AddQueue(std::size_t number) {
    const Labels queue{{"account", AccountName(number / kQueuesOfAnAccount)},
                       {"queue", QueueName(number)}};
    for (std::size_t i = 0; i < kResultCodeCount; ++i) {
      Labels code = queue;
      code.emplace("result_code", ToLabel(static_cast<ResultCode>(i)));
      last_completion_.Add(code).Set(1.79e9 + static_cast<double>(SomeCount(number, i)) / 1000);
      code.emplace("state", "completed");
      completed_.Add(code).Increment(static_cast<double>(SomeCount(number, i)));
    }
    for (const std::string_view state : kInFlightStates) {
      Labels in_flight = queue;
      in_flight.emplace("state", state);
      in_flight_.Add(in_flight).Set(0);
    }
    last_success_.Add(queue).Set(1.79e9);
    Observe(duration_.Add(queue, options_.duration_buckets), options_.duration_buckets, number);
    Observe(queue_wait_.Add(queue, options_.queue_wait_buckets), options_.queue_wait_buckets,
            number);
  }

 private:
  static void Observe(prometheus::Histogram& histogram, const std::vector<double>& bounds,
                      std::size_t number) {
    std::vector<double> counts;
    for (std::size_t i = 0; i <= bounds.size(); ++i) {
      counts.push_back(static_cast<double>(SomeCount(number, i) % 1000));
    }
    histogram.ObserveMultiple(counts, 1);
  }

  prometheus::Registry& registry_;
  MetricsOptions options_;
  prometheus::Family<prometheus::Counter>& completed_ =
      AddFamily(prometheus::BuildCounter(), registry_, "acronis_tasks_completed_total");
  prometheus::Family<prometheus::Histogram>& duration_ =
      AddFamily(prometheus::BuildHistogram(), registry_, "acronis_task_duration_seconds");
  prometheus::Family<prometheus::Histogram>& queue_wait_ =
      AddFamily(prometheus::BuildHistogram(), registry_, "acronis_task_queue_wait_seconds");
  prometheus::Family<prometheus::Gauge>& last_completion_ = AddFamily(
      prometheus::BuildGauge(), registry_, "acronis_tasks_last_completion_timestamp_seconds");
  prometheus::Family<prometheus::Gauge>& last_success_ = AddFamily(
      prometheus::BuildGauge(), registry_, "acronis_tasks_last_success_timestamp_seconds");
  prometheus::Family<prometheus::Gauge>& in_flight_ =
      AddFamily(prometheus::BuildGauge(), registry_, "acronis_tasks_in_flight");
};

}  // namespace

std::shared_ptr<prometheus::Registry> ExposerSeries(std::size_t queues) {
  auto registry = std::make_shared<prometheus::Registry>();
  Families families(*registry);
  for (std::size_t i = 0; i < queues; ++i) {
    families.AddQueue(i);
  }
  return registry;
}

}  // namespace acronis::bench
