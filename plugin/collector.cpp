#include "plugin/collector.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include "plugin/account_identity.h"
#include "plugin/api/account_api.h"
#include "plugin/ledger/sqlite/guard_file.h"
#include "plugin/ledger/sqlite/sqlite_ledger.h"
#include "plugin/poll/account_loop.h"
#include "plugin/poll/account_poller.h"

namespace acronis {
namespace {

/// Samples of a queue besides those of its histograms: completions and last completions by result
/// code, the last success, tasks in flight and the oldest of them by state.
constexpr std::uint64_t kPlainSamples = 2 * kResultCodeCount + 1 + 2 * kInFlightStates.size();
/// A histogram has one more bucket than bounds, a sum and a count.
constexpr std::uint64_t kExtraSamples = 3;
/// Values of the label `queue`, however many samples are allowed.
constexpr std::uint64_t kMostQueues = 200;

/// How many queues fit into `series_limit`, `_other` set apart.
std::uint64_t QueueLimit(const MetricsOptions& metrics) {
  const std::uint64_t samples = kPlainSamples + metrics.duration_buckets.size() +
                                metrics.queue_wait_buckets.size() + 2 * kExtraSamples;
  const std::uint64_t fit = metrics.series_limit / samples;
  return std::min(kMostQueues, fit > 0 ? fit - 1 : 0);
}

ledger::CountingRules RulesOf(const MetricsOptions& metrics) {
  return {.duration_bounds = metrics.duration_buckets,
          .queue_wait_bounds = metrics.queue_wait_buckets,
          .series_hold = metrics.series_hold,
          .queue_limit = QueueLimit(metrics)};
}

/// Does what time alone makes due in the ledger. Sleeps while there is nothing.
class Tender {
 public:
  Tender(ledger::Ledger& ledger, Clock& clock) : ledger_(ledger), clock_(clock) {}

  /// Something may be due soon, also sooner than what was waited for.
  void Wake() {
    {
      const std::lock_guard lock(mutex_);
      awake_ = true;
      nap_.request_stop();
    }
    changed_.notify_one();
  }

  void Run(const std::stop_token& stop) {
    while (WaitForWork(stop)) {
      auto next = ledger_.Tend(clock_.Monotonic());
      while (next && Nap(*next - clock_.Monotonic(), stop)) {
        next = ledger_.Tend(clock_.Monotonic());
      }
    }
  }

 private:
  bool WaitForWork(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [this] { return awake_; });
    awake_ = false;
    return !stop.stop_requested();
  }

  /// True when the time has passed, false at once when somebody wakes us.
  bool Nap(std::chrono::nanoseconds delay, const std::stop_token& stop) {
    std::stop_source nap;
    {
      const std::lock_guard lock(mutex_);
      if (awake_) {
        return false;
      }
      nap_ = nap;
    }
    const std::stop_callback end(stop, [&nap] { nap.request_stop(); });
    return clock_.SleepFor(delay, nap.get_token());
  }

  ledger::Ledger& ledger_;
  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool awake_ = false;    // Guarded by mutex_, as the next one is.
  std::stop_source nap_;  // Ends the sleep under way.
};

/// One account: its connection to the API and its poller.
struct Unit {
  std::unique_ptr<api::AccountApi> api;
  std::unique_ptr<poll::AccountPoller> poller;
};

class PollingCollector final : public Collector {
 public:
  PollingCollector(std::unique_ptr<ledger::Ledger> ledger, Deps deps)
      : deps_(std::move(deps)), ledger_(std::move(ledger)), tender_(*ledger_, deps_.clock) {}

  Status Add(const AccountOptions& options, const std::string& user_agent) {
    if (auto checked = CheckAccount(options); !checked) {
      return checked;
    }
    auto api = api::AccountApi::Open(options, user_agent,
                                     {.clock = deps_.clock,
                                      .log = deps_.log,
                                      .telemetry = deps_.telemetry,
                                      .sessions = &session_cap_});
    if (!api) {
      return std::move(api).error();
    }
    auto progress = ledger_->Register(IdentityOf(options));
    if (!progress) {
      return std::move(progress).error();
    }
    poll::Account account{.name = options.name,
                          .filters = options.filters,
                          .options = options.poll,
                          .deps = {.client = (*api)->Client(),
                                   .ledger = *ledger_,
                                   .clock = deps_.clock,
                                   .log = deps_.log,
                                   .telemetry = deps_.telemetry,
                                   .traffic = &(*api)->SharedTraffic(),
                                   .more_sessions = api->get()},
                          .progress = *progress};
    auto poller = std::make_unique<poll::AccountPoller>(std::move(account));
    units_.push_back({.api = *std::move(api), .poller = std::move(poller)});
    return Ok{};
  }

  void Start() override {
    std::mt19937_64 random(std::random_device{}());
    for (const Unit& unit : units_) {
      poll::AccountPoller& poller = *unit.poller;
      const auto interval = poller.Options().interval;
      threads_.emplace_back(
          [this, &poller, delay = poll::FirstDelay(interval, units_.size(), random)] {
            poll::RunAccount(poller, deps_.clock, delay, stop_.get_token());
          });
    }
    threads_.emplace_back([this] { tender_.Run(stop_.get_token()); });
  }

  bool PollOnce() noexcept override {
    bool all = true;
    for (const Unit& unit : units_) {
      all = unit.poller->PollOnce(stop_.get_token()) && all;
    }
    return all;
  }

  std::shared_ptr<const Snapshot> TakeSnapshot() const noexcept override {
    auto snapshot = std::make_shared<Snapshot>();
    const auto counted = ledger_->Snapshot();
    snapshot->generation = counted->generation;
    snapshot->store = counted->store;
    for (std::size_t i = 0; i < units_.size(); ++i) {
      poll::LiveState live = units_[i].poller->Live();
      AccountView view{.counts = counted->accounts[i],
                       .up = live.up,
                       .in_flight_complete = false,
                       .in_flight = {}};
      if (view.counts->baseline_complete) {
        view.in_flight = std::move(live.in_flight);
        view.in_flight_complete = live.in_flight_complete;
      }
      snapshot->accounts.push_back(std::move(view));
    }
    return snapshot;
  }

  void NoteServed(const Snapshot& snapshot) noexcept override {
    ledger_->NoteServed(snapshot.generation, deps_.clock.Monotonic());
    tender_.Wake();
  }

  void Stop() noexcept override {
    stop_.request_stop();
    threads_.clear();  // Joins.
    ledger_->Close();
  }

  void CloseStore() noexcept override { ledger_->Close(); }

  PollingCollector(const PollingCollector&) = delete;
  PollingCollector& operator=(const PollingCollector&) = delete;
  ~PollingCollector() override { PollingCollector::Stop(); }

 private:
  Deps deps_;
  std::unique_ptr<ledger::Ledger> ledger_;
  Tender tender_;
  api::SessionCap session_cap_;
  std::vector<Unit> units_;
  std::stop_source stop_;
  std::vector<std::jthread> threads_;  // Last: joined before what they use goes.
};

}  // namespace

Result<std::unique_ptr<Collector>> Collector::Open(const CollectorOptions& options, Deps deps) {
  if (auto checked = CheckOptions(options); !checked) {
    return std::move(checked).error();
  }
  if (auto checked = CheckStore(options.store); !checked) {
    return std::move(checked).error();
  }
  const StoreOptions store = ledger::sqlite::WithRealPath(options.store);
  auto ledger = ledger::sqlite::SqliteLedger::Open({.store = {.path = store.path},
                                                    .guard_path = ledger::sqlite::GuardPath(store),
                                                    .rules = RulesOf(options.metrics)},
                                                   {.clock = deps.clock,
                                                    .log = deps.log,
                                                    .telemetry = deps.telemetry,
                                                    .on_fatal = deps.on_fatal});
  if (!ledger) {
    return std::move(ledger).error();
  }
  auto collector = std::make_unique<PollingCollector>(std::move(*ledger), std::move(deps));
  for (const AccountOptions& account : options.accounts) {
    if (auto added = collector->Add(account, options.user_agent); !added) {
      return std::move(added).error();
    }
  }
  return Result<std::unique_ptr<Collector>>(std::move(collector));
}

}  // namespace acronis
