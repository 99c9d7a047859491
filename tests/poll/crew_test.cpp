/// Reading by several sessions, and around what cannot be read, against the simulator in-process.

#include "plugin/poll/crew.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <future>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/api/session.h"
#include "plugin/api/traffic.h"
#include "plugin/poll/account_poller.h"
#include "plugin/poll/slice_walk.h"
#include "plugin/simulator/simulator.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/recording_logger.h"
#include "tests/fakes/simulator_transport.h"
#include "tests/fakes/temporary_ledger.h"

namespace acronis::poll {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr const char* kClient = "msp";

/// Sees to it that a watermark is never stored before everything below it is counted.
class WatchfulLedger final : public ledger::Ledger {
 public:
  WatchfulLedger(test::TemporaryLedger& inner, std::function<std::uint64_t(TimePoint)> due)
      : inner_(inner), due_(std::move(due)) {}

  Status CheckIdentity(const ledger::AccountIdentity& account) const override {
    return inner_->CheckIdentity(account);
  }
  Result<ledger::Progress> Register(const ledger::AccountIdentity& account) override {
    return inner_->Register(account);
  }
  Status Retire(std::string_view account) override { return inner_->Retire(account); }
  Result<std::vector<ledger::Progress>> SetAccounts(
      std::span<const ledger::AccountIdentity> accounts) override {
    return inner_->SetAccounts(accounts);
  }
  std::future<Result<ledger::PageOutcome>> CommitLater(std::string_view account,
                                                       const ledger::PageCommit& page) override {
    if (fail_every_ > 0 && ++commits_ % fail_every_ == 0) {
      std::promise<Result<ledger::PageOutcome>> failed;
      failed.set_value(Error{ErrorKind::kStore, "no room"});
      return failed.get_future();
    }
    auto outcome = inner_->CommitLater(account, page);
    if (page.progress) {
      outcome.wait();
      Check(*page.progress);
    }
    return outcome;
  }
  /// Every so many commits of a page fail.
  void FailEvery(std::uint64_t commits) { fail_every_ = commits; }
  Status Advance(std::string_view account, const ledger::ProgressCommit& commit) override {
    Check(commit.progress);
    return inner_->Advance(account, commit);
  }
  Status CheckReady() override { return inner_->CheckReady(); }
  std::shared_ptr<const LedgerSnapshot> Snapshot() const noexcept override {
    return inner_->Snapshot();
  }
  void NoteServed(std::uint64_t generation, MonotonicTime now) noexcept override {
    inner_->NoteServed(generation, now);
  }
  std::optional<MonotonicTime> Tend(MonotonicTime now) noexcept override {
    return inner_->Tend(now);
  }
  void Close() noexcept override { inner_->Close(); }

  std::set<TimePoint> watermarks;  // Guarded by mutex.
  std::mutex mutex;

 private:
  void Check(const ledger::Progress& progress) {
    if (!progress.watermark) {
      return;
    }
    const std::lock_guard lock(mutex);
    if (watermarks.insert(*progress.watermark).second) {
      EXPECT_GE(inner_->Snapshot()->accounts[0]->books.counted, due_(*progress.watermark))
          << "the watermark runs ahead";
    }
  }

  test::TemporaryLedger& inner_;
  std::atomic<std::uint64_t> fail_every_ = 0;
  std::atomic<std::uint64_t> commits_ = 0;
  std::function<std::uint64_t(TimePoint)> due_;
};

class CrewTest : public ::testing::Test, public api::SessionSource {
 protected:
  CrewTest() {
    options_.page_size = 20;
    options_.max_requests_per_minute = 1'000'000;
    simulator_.AddClient(kClient, Secret("s3cret"));
  }

  /// Tasks that completed lately, more of them at some times than at others.
  void AddTasks(int count, nanoseconds within = hours(23)) {
    for (int task = 0; task < count; ++task) {
      const double share = std::generate_canonical<double, 32>(random_);
      const auto age = std::chrono::duration_cast<nanoseconds>(share * share * within);
      const auto completed = clock_.Now() - seconds(10) - age;
      const auto id =
          simulator_.AddTask({.queue = share < 0.5 ? "a" : "b", .completed_at = completed});
      done_.emplace_back(completed, id);
    }
  }

  std::uint64_t Due(TimePoint watermark) const {
    return static_cast<std::uint64_t>(std::ranges::count_if(done_, [&](const auto& task) {
      return task.first < watermark && !IsUnreadable(task.second);
    }));
  }
  bool IsUnreadable(std::int64_t id) const {
    return unreadable_one_in_ > 0 && simulator::IsUnreadable(id, unreadable_one_in_);
  }
  std::uint64_t Unreadable() const {
    return static_cast<std::uint64_t>(std::ranges::count_if(
        done_, [this](const auto& task) { return IsUnreadable(task.second); }));
  }
  void MakeUnreadable(std::int64_t one_in) {
    unreadable_one_in_ = one_in;
    ASSERT_TRUE(simulator_.Faults().Set({.name = "unreadable", .value = std::to_string(one_in)}));
  }

  /// Another process goes on with the same store.
  void Restart() {
    poller_.reset();
    ledger_.Reopen();
  }

  Account MakeAccount() {
    return {.name = kClient,
            .options = options_,
            .deps = {.client = client_,
                     .ledger = watchful_,
                     .clock = clock_,
                     .log = log_,
                     .telemetry = telemetry_,
                     .traffic = &traffic_,
                     .more_sessions = this},
            .progress = *ledger_->Register({.name = kClient})};
  }
  AccountPoller& Poller() {
    if (!poller_) {
      poller_ = std::make_unique<AccountPoller>(MakeAccount());
    }
    return *poller_;
  }
  Status Poll() { return Poller().PollOnce({}); }
  /// The first session waits for the others, so that it cannot be done before they begin.
  void LetOthersBegin() {
    transport_.before_request = [this] {
      if (leased_ > 0) {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(asked_.wait_for(lock, seconds(20), [this] { return further_requests_ > 0; }));
      }
    };
  }
  std::shared_ptr<const AccountCounts> Counts() { return ledger_->Snapshot()->accounts.at(0); }
  const Books& AllBooks() { return Counts()->books; }

  /// A further session, which tells when it asks.
  class Further final : public api::Session {
   public:
    explicit Further(CrewTest& test)
        : test_(test),
          transport_(test.simulator_, &test.clock_),
          client_(kClient, {transport_, test.tokens_, test.clock_, test.log_, test.telemetry_,
                            &test.traffic_}) {
      transport_.rewrite = test.transport_.rewrite;
      transport_.before_request = [this] {
        {
          const std::lock_guard lock(test_.mutex_);
          ++test_.further_requests_;
        }
        test_.asked_.notify_all();
        if (test_.before_further_) {
          test_.before_further_();
        }
      };
    }
    Further(const Further&) = delete;
    Further& operator=(const Further&) = delete;
    ~Further() override { test_.cap_.GiveBack(); }
    api::TaskClient& Client() override { return client_; }

   private:
    CrewTest& test_;
    test::SimulatorTransport transport_;
    api::TaskClient client_;
  };
  std::unique_ptr<api::Session> Lease() override {
    if (!cap_.Take()) {
      return nullptr;
    }
    ++leased_;
    return std::make_unique<Further>(*this);
  }

  std::mt19937_64 random_{1};
  test::FakeClock clock_;
  simulator::Simulator simulator_{{.rate = 0, .client_secret = Secret("s3cret")}, clock_};
  Telemetry telemetry_;
  fakes::RecordingLogger log_;
  test::TemporaryLedger ledger_{
      {.duration_bounds = {1}, .queue_wait_bounds = {1}, .series_hold = {}},
      {.clock = clock_, .log = log_, .telemetry = telemetry_}};
  WatchfulLedger watchful_{ledger_, [this](TimePoint watermark) { return Due(watermark); }};
  test::SimulatorTransport transport_{simulator_, &clock_};
  test::SimulatorTransport token_transport_{simulator_, &clock_};  // Any session asks for tokens.
  api::Traffic traffic_{kClient, 1'000'000, {clock_, log_, telemetry_, [] { return 0.5; }}};
  api::OAuthTokenSource tokens_{
      {.account = kClient, .client_id = kClient, .secret = Secret("s3cret")},
      {.transport = token_transport_, .clock = clock_, .telemetry = telemetry_}};
  api::TaskClient client_{kClient, {transport_, tokens_, clock_, log_, telemetry_, &traffic_}};
  api::SessionCap cap_{8};
  PollOptions options_;
  std::vector<std::pair<TimePoint, std::int64_t>> done_;
  std::int64_t unreadable_one_in_ = 0;
  std::atomic<int> leased_ = 0;
  std::atomic<int> further_requests_ = 0;
  std::mutex mutex_;
  std::condition_variable asked_;
  std::function<void()> before_further_;
  std::unique_ptr<AccountPoller> poller_;
};

TEST_F(CrewTest, CountsEachTaskOnceWithSeveralSessions) {
  AddTasks(3000);
  LetOthersBegin();
  ASSERT_TRUE(Poll());
  EXPECT_EQ(AllBooks().counted, 3000U);
  EXPECT_EQ(leased_, options_.concurrency - 1);
  EXPECT_GT(further_requests_, 0);
  EXPECT_TRUE(Counts()->baseline_complete);
  EXPECT_EQ(Counts()->watermark, clock_.Now() - options_.settle);
  EXPECT_TRUE(cap_.Take()) << "the sessions were given back";
}

/// Without an order the pages may ascend all the same, by chance or for a while.
TEST_F(CrewTest, TakesNothingForReadOnceTheOrderIsRefused) {
  for (int minute = 60; minute > 0; --minute) {
    simulator_.AddTask({.completed_at = clock_.Now() - std::chrono::minutes(minute)});
  }
  const TimePoint from = clock_.Now() - hours(2);
  const Account account = MakeAccount();
  for (const bool refuses : {false, true}) {
    if (refuses) {
      ASSERT_TRUE(simulator_.Faults().Set({.name = "no_order"}));
    }
    auto walk = SliceWalk::Begin(account, client_, {.completed = {.from = from}, .page_size = 20});
    ASSERT_TRUE(walk);
    const auto page = walk->Next({});
    ASSERT_TRUE(page && *page && (*page)->tasks.size() == 20);
    EXPECT_EQ(traffic_.Sorts(), !refuses);
    EXPECT_EQ(walk->CanBeCut(), !refuses);
    EXPECT_EQ(walk->ReadUpTo() > from, !refuses);
  }
}

TEST_F(CrewTest, MovesTheWatermarkWhileItCatchesUp) {
  options_.concurrency = 1;
  AddTasks(5000);
  ASSERT_TRUE(Poll());
  EXPECT_EQ(AllBooks().counted, 5000U);
  EXPECT_GT(watchful_.watermarks.size(), 3U);
  EXPECT_LE(transport_.requests, 5000U / 20 + 15) << "cutting costs little";
}

TEST_F(CrewTest, IsAloneWhenItIsNotFarBehind) {
  AddTasks(300);
  ASSERT_TRUE(Poll());
  leased_ = 0;
  clock_.Advance(minutes(1));
  ASSERT_TRUE(Poll());
  EXPECT_EQ(leased_, 0);
}

TEST_F(CrewTest, IsAloneWhereEveryPageIsOne) {
  AddTasks(15);
  ASSERT_TRUE(Poll());
  EXPECT_EQ(leased_, 0);
  EXPECT_EQ(AllBooks().counted, 15U);
}

TEST_F(CrewTest, TakesNoMoreSessionsThanTheProcessMayHave) {
  for (int taken = 0; taken < 7; ++taken) {
    ASSERT_TRUE(cap_.Take());
  }
  AddTasks(2000);
  ASSERT_TRUE(Poll());
  EXPECT_EQ(leased_, 1);
  EXPECT_EQ(AllBooks().counted, 2000U);
}

TEST_F(CrewTest, ReadsByUpdateTimeInOneWalk) {
  options_.field = PollField::kUpdatedAt;
  AddTasks(500);
  ASSERT_TRUE(Poll());
  EXPECT_EQ(leased_, 0);
  EXPECT_EQ(AllBooks().counted, 500U);
}

TEST_F(CrewTest, IsRightWhenTheServerDoesNotSortAsAsked) {
  transport_.rewrite = [](const std::string& target) {
    const auto order = target.find("&order=");
    return target.substr(0, order) +
           target.substr(std::min(target.find('&', order + 1), target.size()));
  };
  AddTasks(3000);
  ASSERT_TRUE(Poll());
  EXPECT_EQ(AllBooks().counted, 3000U);
  clock_.Advance(hours(6));
  ASSERT_TRUE(Poll());
  Poller().SweepOnce({});
  EXPECT_FALSE(Poller().SweepWanted());
  EXPECT_EQ(AllBooks().counted, 3000U);
}

TEST_F(CrewTest, GivesWayWhenTheServerAsksForLess) {
  AddTasks(3000);
  LetOthersBegin();
  std::once_flag once;
  before_further_ = [&] {
    std::call_once(once, [this] {
      EXPECT_TRUE(simulator_.Faults().Set({.name = "rate_limit", .value = "30", .count = 1}));
    });
  };
  ASSERT_TRUE(Poll());
  EXPECT_EQ(AllBooks().counted, 3000U);
  EXPECT_EQ(traffic_.TimesThrottled(), 1U);
  EXPECT_LE(further_requests_, 3 * 8) << "each of the three ends what it is at";

  // The next catching up begins carefully.
  leased_ = 0;
  clock_.Advance(hours(2));
  AddTasks(3000, hours(1));
  ASSERT_TRUE(Poll());
  EXPECT_EQ(leased_, 0);
  EXPECT_EQ(AllBooks().counted, 6000U);
}

TEST_F(CrewTest, TellsHowFarItIs) {
  AddTasks(2000);
  transport_.before_request = [this] { clock_.Advance(seconds(2)); };
  ASSERT_TRUE(Poll());
  std::string told;
  for (const std::string& line : log_.Texts()) {
    told += line.find("INFO catching up") == 0 ? line + "\n" : "";
  }
  EXPECT_NE(told.find("tasks="), std::string::npos) << told;
  EXPECT_NE(told.find("tasks_per_second="), std::string::npos) << told;
  EXPECT_NE(told.find("percent="), std::string::npos) << told;
  EXPECT_NE(told.find("eta_seconds="), std::string::npos) << told;
  EXPECT_NE(told.find("catching up: done"), std::string::npos) << told;
}

TEST_F(CrewTest, CutsASweepWhenThePollIsDueAndGoesOnAfterIt) {
  options_.concurrency = 1;
  AddTasks(1000);
  ASSERT_TRUE(Poll());
  clock_.Advance(hours(6));
  ASSERT_TRUE(Poll());
  ASSERT_TRUE(Poller().SweepWanted());
  const auto before = AllBooks().duplicate;
  transport_.before_request = [this] { clock_.Advance(seconds(1)); };
  Poller().SweepOnce({{}, clock_.Monotonic() + seconds(20)});
  const auto read = AllBooks().duplicate - before;
  EXPECT_GE(read, 15U * 20);
  EXPECT_LE(read, 20U * 20);
  EXPECT_TRUE(Poller().SweepWanted());
  EXPECT_EQ(log_.Count("sweep failed, retried after the next poll"), 0U);
  Poller().SweepOnce({});
  EXPECT_FALSE(Poller().SweepWanted());
  EXPECT_LE(AllBooks().duplicate - before, 1000U + 2 * 20) << "it does not begin again";
}

TEST_F(CrewTest, PassesOverWhatCannotBeReadAndCountsEverythingElse) {
  AddTasks(1000);
  MakeUnreadable(150);
  const auto unreadable = Unreadable();
  ASSERT_GT(unreadable, 3U);
  ASSERT_TRUE(Poll());
  EXPECT_EQ(AllBooks().counted, 1000 - unreadable);
  EXPECT_EQ(AllBooks().invalid, unreadable);
  EXPECT_EQ(log_.Count("record cannot be read and is passed over from now on"), unreadable);
  EXPECT_TRUE(Poller().Live().up);

  const auto requests = transport_.requests;
  clock_.Advance(minutes(1));
  ASSERT_TRUE(Poll());
  EXPECT_LE(transport_.requests - requests, 10U) << "it does not search again";
  Restart();
  clock_.Advance(hours(7));
  ASSERT_TRUE(Poll());
  Poller().SweepOnce({});
  EXPECT_FALSE(Poller().SweepWanted());
  EXPECT_EQ(AllBooks().invalid, unreadable) << "each is counted once, over restarts too";
  EXPECT_EQ(AllBooks().counted, 1000 - unreadable);
}

TEST_F(CrewTest, PassesOverWhatCannotBeReadByUpdateTimeToo) {
  options_.field = PollField::kUpdatedAt;
  AddTasks(300);
  MakeUnreadable(100);
  const auto unreadable = Unreadable();
  ASSERT_GT(unreadable, 0U);
  ASSERT_TRUE(Poll());
  EXPECT_EQ(AllBooks().counted, 300 - unreadable);
  EXPECT_EQ(AllBooks().invalid, unreadable);
  clock_.Advance(minutes(1));
  ASSERT_TRUE(Poll());
  EXPECT_EQ(AllBooks().invalid, unreadable);
}

TEST_F(CrewTest, ReadsWhatSharesItsNanosecondWithAnUnreadableRecordAsFarAsItCan) {
  MakeUnreadable(10);
  const auto at = clock_.Now() - minutes(30);
  std::uint64_t before_the_first = 0;
  bool found = false;
  for (int task = 0; task < 60; ++task) {
    const auto id = simulator_.AddTask({.completed_at = at});
    found = found || simulator::IsUnreadable(id, 10);
    before_the_first += found ? 0 : 1;
  }
  ASSERT_TRUE(found);
  AddTasks(20);
  const auto others = 20 - Unreadable();
  ASSERT_TRUE(Poll());
  EXPECT_EQ(AllBooks().counted, before_the_first + others);
  EXPECT_EQ(AllBooks().invalid, 1 + Unreadable());
}

TEST_F(CrewTest, SearchesForNothingWhenNothingCanBeRead) {
  AddTasks(100);
  ASSERT_TRUE(simulator_.Faults().Set({.name = "invalid_json", .value = "cut"}));
  const auto before = transport_.requests;
  const auto polled = Poll();
  ASSERT_FALSE(polled);
  EXPECT_EQ(polled.error().kind, ErrorKind::kInvalidResponse);
  EXPECT_LE(transport_.requests - before, 8U);
  EXPECT_EQ(AllBooks().invalid, 0U);
  simulator_.Faults().ClearAll();
  ASSERT_TRUE(Poll());
  EXPECT_EQ(AllBooks().counted, 100U);
  EXPECT_EQ(AllBooks().invalid, 0U);
}

TEST_F(CrewTest, DoesNotTakeAPassingTroubleForAnUnreadableRecord) {
  AddTasks(1000);
  for (const int round : {0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 100, 110, 120, 144, 233}) {
    // Something to read in every round: what was read already is not searched.
    AddTasks(50, seconds(30));
    ASSERT_TRUE(simulator_.Faults().Set({.name = "invalid_json", .value = "cut", .count = round}));
    static_cast<void>(Poll());
    simulator_.Faults().ClearAll();
    clock_.Advance(minutes(1));
  }
  ASSERT_TRUE(Poll());
  EXPECT_EQ(AllBooks().counted, 1000U + 16 * 50);
  EXPECT_EQ(AllBooks().invalid, 0U);
}

TEST_F(CrewTest, PassesNothingOverWhenTheServiceBreaksDuringTheSearch) {
  AddTasks(1000);
  int asked = 0;
  simulator_.OnRequest([&](const simulator::Request& request) {
    if (request.target.find("state=completed") == std::string::npos) {
      return;
    }
    // The first page is broken, the empty query is answered, and then nothing works any more.
    if (++asked != 2) {
      EXPECT_TRUE(simulator_.Faults().Set({.name = "invalid_json", .value = "cut", .count = 1}));
    }
  });
  EXPECT_FALSE(Poll());
  EXPECT_GT(asked, 40) << "it came down to the nanosecond";
  EXPECT_EQ(AllBooks().invalid, 0U);
  simulator_.OnRequest({});
  simulator_.Faults().ClearAll();
  clock_.Advance(minutes(1));
  ASSERT_TRUE(Poll());
  EXPECT_EQ(AllBooks().counted, 1000U);
}

TEST_F(CrewTest, LosesNoPageThatTheStoreDidNotTake) {
  AddTasks(2000);
  MakeUnreadable(400);
  for (const std::uint64_t every : {2U, 3U, 5U, 7U, 20U}) {
    watchful_.FailEvery(every);
    for (int poll = 0; poll < 3; ++poll) {
      static_cast<void>(Poll());
      clock_.Advance(seconds(20));
    }
  }
  watchful_.FailEvery(0);
  ASSERT_TRUE(Poll());
  EXPECT_EQ(AllBooks().counted, 2000 - Unreadable());
  EXPECT_EQ(AllBooks().invalid, Unreadable());
}

/// Random troubles while several sessions read: in the end everything is counted once, and on the
/// way no watermark runs ahead (WatchfulLedger looks).
TEST_F(CrewTest, CountsEverythingThroughRandomTroubles) {
  const char* const given = std::getenv("TEST_SEED");
  const auto seed = given != nullptr ? std::stoul(given) : std::random_device{}();
  std::cout << "TEST_SEED=" << seed << '\n';
  random_.seed(seed);
  const std::vector<std::string> kFaults = {
      "reset",   "cut_body",    "stall",        "status",        "rate_limit",    "unavailable",
      "html_ok", "cursor_loop", "unauthorized", "expire_tokens", "cursor_expired"};
  AddTasks(4000);
  MakeUnreadable(1500);
  std::mutex mutex;
  simulator_.OnRequest([&](const simulator::Request&) {
    const std::lock_guard lock(mutex);
    if (random_() % 30 == 0) {
      EXPECT_TRUE(simulator_.Faults().Set({.name = kFaults[random_() % kFaults.size()],
                                           .count = static_cast<std::int64_t>(1 + random_() % 4)}));
    }
  });
  for (int poll = 0; poll < 40; ++poll) {
    static_cast<void>(Poll());
    clock_.Advance(minutes(1));
  }
  simulator_.OnRequest({});
  simulator_.Faults().ClearAll();
  MakeUnreadable(1500);
  clock_.Advance(minutes(20));
  for (int poll = 0; poll < 25; ++poll) {
    static_cast<void>(Poll());
    clock_.Advance(minutes(1));
  }
  ASSERT_TRUE(Poll());
  EXPECT_EQ(AllBooks().counted, 4000 - Unreadable());
  EXPECT_GE(AllBooks().invalid, Unreadable());
  EXPECT_LE(clock_.Now() - *Counts()->watermark, options_.settle + seconds(1));
}

}  // namespace
}  // namespace acronis::poll
