/// Random lives of an account against the simulator: whatever happens on the way, in the end every
/// completed task that the service can show is counted once.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/api/task_client.h"
#include "plugin/api/token_source.h"
#include "plugin/core/telemetry.h"
#include "plugin/poll/account_poller.h"
#include "plugin/simulator/simulator.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/recording_logger.h"
#include "tests/fakes/simulator_transport.h"
#include "tests/fakes/temporary_ledger.h"

namespace acronis {
namespace {

using simulator::CountsByQueueAndResult;
using simulator::Simulator;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr int kLives = 150;
constexpr int kSteps = 40;
constexpr std::array kQueues = {"backup", "replication", "t\xC3\xA4glich", "av \"scan\"", ""};
constexpr std::array kCodes = {"ok", "warning", "error", "cancelled", "abandoned", "timedout"};

/// One number decides a whole life.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}

  std::int64_t Number(std::int64_t from, std::int64_t to) {
    return std::uniform_int_distribution<std::int64_t>(from, to)(random_);
  }
  bool Chance(int percent) { return Number(1, 100) <= percent; }
  nanoseconds Span(nanoseconds from, nanoseconds to) {
    return nanoseconds(Number(from.count(), to.count()));
  }
  template <typename Container>
  auto& OneOf(Container& container) {
    return container[static_cast<std::size_t>(
        Number(0, static_cast<std::int64_t>(container.size()) - 1))];
  }

 private:
  std::mt19937_64 random_;
};

/// An account that polls a simulator in-process, and what it has counted.
class Reader {
 public:
  Reader(Simulator& simulator, test::FakeClock& clock, const std::string& client_id,
         PollOptions options)
      : transport_(simulator, &clock),
        ledger_({.duration_bounds = {60}, .queue_wait_bounds = {60}, .series_hold = {}},
                {.clock = clock, .log = log_, .telemetry = telemetry_}),
        tokens_({.account = client_id, .client_id = client_id, .secret = Secret("s3cret")},
                {.transport = transport_, .clock = clock, .telemetry = telemetry_}),
        client_(client_id, {.transport = transport_,
                            .tokens = tokens_,
                            .clock = clock,
                            .log = log_,
                            .telemetry = telemetry_}),
        poller_({.name = client_id,
                 .options = std::move(options),
                 .deps = {.client = client_,
                          .ledger = *ledger_,
                          .clock = clock,
                          .log = log_,
                          .telemetry = telemetry_},
                 .progress = *ledger_->Register({.name = client_id})}) {
    simulator.AddClient(client_id, Secret("s3cret"));
  }

  bool Poll() { return static_cast<bool>(poller_.PollOnce({})); }
  bool SweepWanted() const { return poller_.SweepWanted(); }
  void SweepOnce() { poller_.SweepOnce({}); }

  std::shared_ptr<const AccountCounts> Counts() const { return ledger_->Snapshot()->accounts[0]; }

  CountsByQueueAndResult Counted() const {
    CountsByQueueAndResult counted;
    for (const auto& [queue, counts] : Counts()->queues) {
      for (const ResultCode code : kResultCodes) {
        const std::uint64_t tasks = counts->completed[static_cast<std::size_t>(code)];
        if (tasks > 0) {
          counted[{queue == "_none" ? "" : queue, std::string(ToLabel(code))}] = tasks;
        }
      }
    }
    return counted;
  }

 private:
  Telemetry telemetry_;
  fakes::RecordingLogger log_;
  test::SimulatorTransport transport_;
  test::TemporaryLedger ledger_;
  api::OAuthTokenSource tokens_;
  api::TaskClient client_;
  poll::AccountPoller poller_;
};

/// What must hold at any moment, and never go back.
class Invariants {
 public:
  void Check(const Reader& reader, const Simulator& simulator, const std::string& client_id) {
    const auto counts = reader.Counts();
    const Books& books = counts->books;
    ASSERT_EQ(books.received,
              books.counted + books.duplicate + books.discarded_late + books.invalid);
    ASSERT_LE(books.counted, simulator.Shown(client_id).size()) << "an id was counted twice";
    const auto counted = reader.Counted();
    for (const auto& [series, tasks] : before_) {
      const auto now = counted.find(series);
      ASSERT_TRUE(now != counted.end() && now->second >= tasks) << series.first << " went back";
    }
    before_ = counted;
    if (counts->watermark && watermark_) {
      ASSERT_GE(*counts->watermark, *watermark_);
    }
    watermark_ = counts->watermark;
  }

 private:
  CountsByQueueAndResult before_;
  std::optional<TimePoint> watermark_;
};

/// The world: tasks appear, move and change; the service fails in many ways.
class World {
 public:
  World(Simulator& simulator, test::FakeClock& clock, Dice& dice, nanoseconds max_lateness)
      : simulator_(simulator), clock_(clock), dice_(dice), max_lateness_(max_lateness) {}

  void Step() {
    clock_.Advance(dice_.Span(seconds(5), minutes(4)));
    for (std::int64_t tasks = dice_.Number(0, 12); tasks > 0; --tasks) {
      AddOne();
    }
    FinishSome();
  }

  void ChangeBetweenPages() {
    if (dice_.Chance(10)) {
      AddOne();
    }
    if (dice_.Chance(5)) {
      FinishSome();
    }
  }

  void SwitchFaults() {
    simulator_.Faults().ClearAll();
    if (dice_.Chance(50)) {
      return;
    }
    static const std::vector<std::string> kFaults = {"reset",
                                                     "cut_body",
                                                     "stall",
                                                     "status",
                                                     "unauthorized",
                                                     "expire_tokens",
                                                     "rate_limit",
                                                     "unavailable",
                                                     "cursor_loop",
                                                     "cursor_self",
                                                     "cursor_expired",
                                                     "empty_page",
                                                     "invalid_json",
                                                     "html_ok",
                                                     "repeated_page",
                                                     "duplicate_in_page",
                                                     "date_missing",
                                                     "redirect",
                                                     "timestamp_missing",
                                                     "duplicate_across_pages"};
    for (std::int64_t faults = dice_.Number(1, 2); faults > 0; --faults) {
      const std::string& name = dice_.OneOf(kFaults);
      const auto set =
          simulator_.Faults().Set({.name = name, .path = "tasks", .count = dice_.Number(1, 4)});
      ASSERT_TRUE(set) << set.error().message;
    }
  }

 private:
  void AddOne() {
    const TimePoint now = clock_.Now();
    simulator::NewTask task{.queue = dice_.OneOf(kQueues), .result_code = dice_.OneOf(kCodes)};
    if (dice_.Chance(20)) {
      task.state = "started";
      task.result_code = "";
      task.enqueued_at = now - dice_.Span(seconds(0), hours(30));
      running_.push_back(simulator_.AddTask(task));
      return;
    }
    task.completed_at = CompletionTime(now);
    task.started_at = *task.completed_at - dice_.Span(seconds(0), hours(50));
    task.enqueued_at = *task.started_at - dice_.Span(seconds(0), hours(1));
    simulator_.AddTask(task);
    last_ = *task.completed_at;
  }

  TimePoint CompletionTime(TimePoint now) {
    if (dice_.Chance(15)) {
      return now - dice_.Span(seconds(0), max_lateness_);  // Appears late.
    }
    if (dice_.Chance(5)) {
      return now + dice_.Span(seconds(1), hours(2));  // An issuer whose clock is fast.
    }
    if (last_ != TimePoint{} && dice_.Chance(30) && last_ > now - max_lateness_) {
      return last_;  // Equal times over a page border.
    }
    return now - dice_.Span(seconds(0), seconds(30));
  }

  void FinishSome() {
    std::shuffle(running_.begin(), running_.end(),
                 std::mt19937_64(static_cast<std::uint64_t>(dice_.Number(0, 1 << 30))));
    for (std::int64_t tasks = dice_.Number(0, 4); tasks > 0 && !running_.empty(); --tasks) {
      simulator_.ChangeTask(
          running_.back(),
          {.state = "completed", .result_code = dice_.OneOf(kCodes), .completed_at = clock_.Now()});
      running_.pop_back();
    }
  }

  Simulator& simulator_;
  test::FakeClock& clock_;
  Dice& dice_;
  nanoseconds max_lateness_;
  std::vector<std::int64_t> running_;
  TimePoint last_{};
};

PollOptions RandomOptions(Dice& dice) {
  PollOptions options;
  options.page_size = static_cast<int>(dice.Number(1, 40));
  options.overlap = dice.Span(minutes(5), minutes(30));
  options.sweep_window = dice.Span(hours(2), hours(48));
  options.sweep_every = dice.Span(minutes(20), hours(3));
  options.settle = dice.Span(seconds(0), seconds(30));
  options.start.value = dice.Span(hours(1), hours(72));
  return options;
}

void Sweep(Reader& reader, std::int64_t pages) {
  for (; pages > 0 && reader.SweepWanted(); --pages) {
    reader.SweepOnce();
  }
}

/// The service is well again: everything still to be counted is met by polls and two sweeps.
void Settle(Reader& reader, Simulator& simulator, test::FakeClock& clock) {
  simulator.Faults().ClearAll();
  for (int poll = 0; poll < 60; ++poll) {
    clock.Advance(minutes(10));
    ASSERT_TRUE(reader.Poll());
    Sweep(reader, 1'000'000);
    ASSERT_FALSE(reader.SweepWanted());
  }
}

std::uint64_t BaseSeed() {
  const char* const given = std::getenv("TEST_SEED");
  static const std::uint64_t kSeed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  return kSeed;
}

enum class Sweeps { kOn, kOff };

void Live(std::uint64_t seed, Sweeps sweeps) {
  SCOPED_TRACE("TEST_SEED=" + std::to_string(seed));
  Dice dice(seed);
  test::FakeClock clock;
  Simulator simulator({.seed = seed, .rate = 0, .client_secret = Secret("s3cret")}, clock);
  PollOptions options = RandomOptions(dice);
  // Late tasks lie above the start, and where the next sweep (or the next poll) still looks.
  nanoseconds max_lateness =
      std::min(options.sweep_window, std::get<nanoseconds>(options.start.value)) / 2;
  if (sweeps == Sweeps::kOff) {
    options.sweep_every = hours(24 * 365);
    max_lateness = std::min(max_lateness, options.overlap / 2);
  }
  World world(simulator, clock, dice, max_lateness);
  for (std::int64_t tasks = dice.Number(0, 5); tasks > 0; --tasks) {
    world.Step();
  }
  Reader reader(simulator, clock, "msp", options);
  Invariants invariants;
  simulator.OnRequest([&](const simulator::Request&) { world.ChangeBetweenPages(); });

  for (int step = 0; step < kSteps; ++step) {
    world.Step();
    world.SwitchFaults();
    static_cast<void>(reader.Poll());  // May fail: that is what the faults are for.
    Sweep(reader, dice.Number(0, 10));
    invariants.Check(reader, simulator, "msp");
    if (::testing::Test::HasFatalFailure()) {
      return;
    }
  }
  simulator.OnRequest({});
  Settle(reader, simulator, clock);
  invariants.Check(reader, simulator, "msp");

  // Nothing in this world completes before the account's start.
  EXPECT_EQ(reader.Counts()->books.discarded_late, 0U);
  EXPECT_EQ(reader.Counted(), simulator.ShownCounts("msp"));
  EXPECT_EQ(reader.Counts()->books.counted, simulator.Shown("msp").size());
  // And what was shown is all there is.
  EXPECT_EQ(reader.Counted(), simulator.Truth());
}

void LiveManyTimes(Sweeps sweeps) {
  const std::uint64_t base = BaseSeed();
  std::printf("base seed %llu, %d lives\n", static_cast<unsigned long long>(base), kLives);
  for (int life = 0; life < kLives && !::testing::Test::HasFailure(); ++life) {
    Live(base + static_cast<std::uint64_t>(life), sweeps);
  }
}

TEST(Counting, EqualsTheTruthWhateverHappensOnTheWay) {
  LiveManyTimes(Sweeps::kOn);
}

TEST(Counting, NeedsNoSweepForWhatAppearsWithinTheOverlap) {
  LiveManyTimes(Sweeps::kOff);
}

/// Any order, page split or interleaving of the same tasks gives the same counters.
TEST(Counting, DoesNotDependOnPageSizesOrTimes) {
  const std::uint64_t seed = BaseSeed();
  SCOPED_TRACE("TEST_SEED=" + std::to_string(seed));
  test::FakeClock clock;
  Simulator simulator(
      {.seed = seed, .history = hours(2), .rate = 0.5, .client_secret = Secret("s3cret")}, clock);
  std::vector<std::unique_ptr<Reader>> readers;
  for (const int page_size : {1, 7, 500}) {
    PollOptions options;
    options.page_size = page_size;
    options.start.value = nanoseconds(hours(1));
    readers.push_back(
        std::make_unique<Reader>(simulator, clock, "reader" + std::to_string(page_size), options));
  }
  // All learn the same start; then each polls at times of its own.
  for (const auto& reader : readers) {
    ASSERT_TRUE(reader->Poll());
  }
  Dice dice(seed);
  for (int step = 0; step < 60; ++step) {
    clock.Advance(dice.Span(seconds(1), minutes(2)));
    ASSERT_TRUE(dice.OneOf(readers)->Poll());
  }
  for (const auto& reader : readers) {
    ASSERT_TRUE(reader->Poll());
  }
  ASSERT_GT(readers[0]->Counts()->books.counted, 1000U);
  EXPECT_EQ(readers[0]->Counted(), readers[1]->Counted());
  EXPECT_EQ(readers[0]->Counted(), readers[2]->Counted());
}

}  // namespace
}  // namespace acronis
