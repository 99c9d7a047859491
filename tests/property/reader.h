#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "plugin/api/task_client.h"
#include "plugin/api/token_source.h"
#include "plugin/api/traffic.h"
#include "plugin/core/telemetry.h"
#include "plugin/ledger/sqlite/sqlite_ledger.h"
#include "plugin/poll/account_poller.h"
#include "plugin/simulator/simulator.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/recording_logger.h"
#include "tests/fakes/simulator_transport.h"

namespace acronis::property {

using simulator::CountsByQueueAndResult;

/// An account that polls a simulator in-process, as one process does it from its start to its end,
/// on a store in `folder`. Throws when the store cannot be opened.
class Reader {
 public:
  struct Options {
    std::string client_id = "msp";
    PollOptions poll{};
    std::chrono::nanoseconds series_hold{};
    /// From [0, 1). With it the account retries, waits and keeps to its limit, as it does in
    /// earnest.
    std::function<double()> jitter{};
  };

  Reader(simulator::Simulator& simulator, test::FakeClock& clock, const Options& options,
         const std::filesystem::path& folder)
      : clock_(clock),
        transport_(simulator, &clock),
        ledger_(OpenLedger(options, folder)),
        traffic_(MakeTraffic(options)),
        tokens_({.account = options.client_id,
                 .client_id = options.client_id,
                 .secret = Secret("s3cret")},
                {.transport = transport_,
                 .clock = clock,
                 .telemetry = telemetry_,
                 .traffic = traffic_.get()}),
        client_(options.client_id, {.transport = transport_,
                                    .tokens = tokens_,
                                    .clock = clock,
                                    .log = log_,
                                    .telemetry = telemetry_,
                                    .traffic = traffic_.get()}),
        poller_({.name = options.client_id,
                 .options = options.poll,
                 .deps = {.client = client_,
                          .ledger = *ledger_,
                          .clock = clock,
                          .log = log_,
                          .telemetry = telemetry_,
                          .traffic = traffic_.get()},
                 .progress = *ledger_->Register({.name = options.client_id})}) {
    simulator.AddClient(options.client_id, Secret("s3cret"));
  }

  bool Poll() { return static_cast<bool>(poller_.PollOnce({})); }
  bool SweepWanted() const { return poller_.SweepWanted(); }
  void Sweep(std::int64_t requests) {
    std::stop_source stop;
    transport_.before_request = [&, left = requests]() mutable {
      if (left-- == 0) {
        stop.request_stop();
      }
    };
    while (requests > 0 && SweepWanted() && !stop.stop_requested()) {
      poller_.SweepOnce(stop.get_token());
    }
    transport_.before_request = nullptr;
  }

  const fakes::RecordingLogger& Log() const { return log_; }

  std::shared_ptr<const AccountCounts> Counts() const { return ledger_->Snapshot()->accounts[0]; }

  /// A scrape is answered. Returns what it showed.
  std::shared_ptr<const AccountCounts> Scrape() {
    const auto shown = ledger_->Snapshot();
    ledger_->NoteServed(shown->generation, clock_.Monotonic());
    return shown->accounts[0];
  }
  void Tend() { ledger_->Tend(clock_.Monotonic()); }

  /// What a crash at this moment would leave of the store.
  static void CopyStore(const std::filesystem::path& from, const std::filesystem::path& to) {
    std::filesystem::remove_all(to);
    std::filesystem::create_directories(to);
    for (const auto& entry : std::filesystem::directory_iterator(from)) {
      std::filesystem::copy_file(entry.path(), to / entry.path().filename());
    }
  }

 private:
  std::unique_ptr<api::Traffic> MakeTraffic(const Options& options) {
    if (!options.jitter) {
      return nullptr;
    }
    return std::make_unique<api::Traffic>(
        options.client_id, options.poll.max_requests_per_minute,
        api::Traffic::Deps{
            .clock = clock_, .log = log_, .telemetry = telemetry_, .jitter = options.jitter});
  }

  std::unique_ptr<ledger::sqlite::SqliteLedger> OpenLedger(const Options& options,
                                                           const std::filesystem::path& folder) {
    auto opened = ledger::sqlite::SqliteLedger::Open(
        {.store = {.path = folder / "ledger.db"},
         .guard_path = folder / "ledger.guard",
         .rules = {.duration_bounds = {60},
                   .queue_wait_bounds = {60},
                   .series_hold = options.series_hold}},
        {.clock = clock_, .log = log_, .telemetry = telemetry_, .on_fatal = {}});
    if (!opened) {
      throw std::runtime_error(opened.error().message);
    }
    return std::move(*opened);
  }

  test::FakeClock& clock_;
  Telemetry telemetry_;
  fakes::RecordingLogger log_;
  test::SimulatorTransport transport_;
  std::unique_ptr<ledger::sqlite::SqliteLedger> ledger_;
  std::unique_ptr<api::Traffic> traffic_;
  api::OAuthTokenSource tokens_;
  api::TaskClient client_;
  poll::AccountPoller poller_;
};

/// The counters that are not 0, with the names of the service.
inline CountsByQueueAndResult Counted(const AccountCounts& counts) {
  CountsByQueueAndResult counted;
  for (const auto& [queue, of_queue] : counts.queues) {
    for (const ResultCode code : kResultCodes) {
      const std::uint64_t tasks = of_queue->completed[static_cast<std::size_t>(code)];
      if (tasks > 0) {
        counted[{queue == "_none" ? "" : queue, std::string(ToLabel(code))}] = tasks;
      }
    }
  }
  return counted;
}

}  // namespace acronis::property
