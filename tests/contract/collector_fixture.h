#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "plugin/collector.h"
#include "plugin/simulator/simulator.h"
#include "plugin/simulator/simulator_server.h"
#include "tests/fakes/recording_logger.h"
#include "tests/fakes/temporary_folder.h"

namespace acronis {

/// A collector with one account, and the simulated service it polls over real sockets.
class CollectorFixture : public ::testing::Test {
 protected:
  CollectorFixture() {
    options_.accounts.push_back(NewAccount("emea"));
    options_.metrics.series_hold = std::chrono::milliseconds(50);
    options_.store.path = folder_.Path() / "ledger.db";
  }

  AccountOptions NewAccount(const std::string& name) const {
    AccountOptions account;
    account.name = name;
    account.base_url = server_.BaseUrl();
    account.client_id = "client";
    account.client_secret = Secret("s3cret");
    account.poll.interval = std::chrono::milliseconds(20);
    account.poll.max_requests_per_minute = 60'000;
    return account;
  }

  void OpenWithoutStore() {
    auto opened = Collector::Open(options_, {clock_, log_, telemetry_});
    ASSERT_TRUE(opened) << opened.error().message;
    collector_ = std::move(opened).value();
  }

  void Open() {
    OpenWithoutStore();
    const Status store = collector_->OpenStore();
    ASSERT_TRUE(store) << store.error().message;
  }

  void Add(const std::string& queue, const std::string& code) {
    simulator_.AddTask({.queue = queue,
                        .result_code = code,
                        .completed_at = clock_.Now() - std::chrono::seconds(10)});
  }

  AccountView Account() { return collector_->TakeSnapshot()->accounts.at(0); }

  /// What is shown of a queue's failures; -1: the queue is not shown.
  std::int64_t Errors(const std::string& queue) {
    const AccountView account = Account();
    const auto& queues = account.counts->queues;
    const auto found = queues.find(queue);
    constexpr auto kError = static_cast<std::size_t>(ResultCode::kError);
    return found == queues.end() ? -1 : static_cast<std::int64_t>(found->second->completed[kError]);
  }

  /// Waits for a condition; the clock is asked between two looks, so that nobody spins.
  bool Await(const std::function<bool()>& condition) {
    const MonotonicTime deadline = clock_.Monotonic() + std::chrono::seconds(30);
    while (!condition() && clock_.Monotonic() < deadline) {
      clock_.SleepFor(std::chrono::milliseconds(2), {});
    }
    return condition();
  }

  SystemClock clock_;
  fakes::RecordingLogger log_;
  Telemetry telemetry_;
  simulator::Simulator simulator_{
      {.rate = 0, .client_id = "client", .client_secret = Secret("s3cret")}, clock_};
  simulator::SimulatorServer server_{simulator_, {.tls = false}};
  test::TemporaryFolder folder_;
  CollectorOptions options_;
  std::unique_ptr<Collector> collector_;
};

}  // namespace acronis
