/// Random lives of an account against the simulator: whatever happens on the way, in the end every
/// completed task that the service has shown is counted once.
///
/// TEST_SEED=N repeats the life with that number, TEST_LIVES=N lives more or fewer of them.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/simulator/simulator.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/temporary_folder.h"
#include "tests/property/dice.h"
#include "tests/property/model.h"
#include "tests/property/reader.h"
#include "tests/property/world.h"

namespace acronis::property {
namespace {

using simulator::Simulator;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr int kLives = 50;
constexpr int kSteps = 40;
constexpr const char* kClient = "msp";

struct Kind {
  std::string name;
  bool sweeps = true;
  bool by_update = false;
  bool service_forgets = false;  ///< It removes old tasks, and we are away for days.
};

PollOptions RandomPolling(Dice& dice, const Kind& kind) {
  PollOptions options;
  options.page_size = static_cast<int>(dice.Number(1, 40));
  options.overlap = dice.Span(minutes(5), minutes(30));
  options.sweep_window = dice.Span(hours(2), hours(48));
  options.sweep_every =
      kind.sweeps ? dice.Span(minutes(20), hours(3)) : nanoseconds(hours(24 * 365));
  options.settle = dice.Span(seconds(0), seconds(30));
  options.start.value = dice.Span(hours(1), hours(72));
  options.field = kind.by_update ? PollField::kUpdatedAt : PollField::kCompletedAt;
  if (kind.service_forgets) {
    options.start.value = nanoseconds(hours(1));
    options.retention = hours(72);
  }
  return options;
}

/// How late a task may appear and still be met by what is configured.
nanoseconds MaxLateness(const PollOptions& options, const Kind& kind) {
  const nanoseconds start = std::get<nanoseconds>(options.start.value);
  const nanoseconds reach = kind.sweeps ? options.sweep_window : options.overlap;
  return std::min(reach, start) / 2;
}

/// One account from its first start to its last, through every crash in between.
class Life {
 public:
  Life(std::uint64_t seed, const Kind& kind)
      : kind_(kind),
        dice_(seed),
        simulator_({.seed = seed, .rate = 0, .client_secret = Secret("s3cret")}, clock_),
        options_{.client_id = kClient,
                 .poll = RandomPolling(dice_, kind),
                 .series_hold = dice_.Chance(50) ? nanoseconds(minutes(2)) : nanoseconds(0)},
        changes_(dice_.Chance(50)),
        world_(simulator_, clock_, dice_,
               {.max_lateness = MaxLateness(options_.poll, kind),
                .keeps = kind.service_forgets ? options_.poll.retention : nanoseconds(0),
                .changes = changes_}),
        model_({.simulator = simulator_,
                .client_id = kClient,
                .holds = options_.series_hold.count() > 0,
                .changes = changes_}) {}

  void Run() {
    for (std::int64_t steps = dice_.Number(0, 5); steps > 0; --steps) {
      world_.Step();
    }
    Start();
    simulator_.OnRequest([this](const simulator::Request&) { BetweenPages(); });
    for (int step = 0; step < kSteps && !::testing::Test::HasFatalFailure(); ++step) {
      Step();
    }
    if (!::testing::Test::HasFatalFailure()) {
      Settle();
    }
    if (!::testing::Test::HasFatalFailure()) {
      Judge();
    }
  }

 private:
  std::filesystem::path Store() const { return folder_.Path() / std::to_string(starts_); }

  void Start() {
    std::filesystem::create_directories(Store());
    reader_ = std::make_unique<Reader>(simulator_, clock_, options_, Store());
    answered_ = false;
  }

  /// The process ends here; what goes on is what the disk has. Sometimes the disk is that of a
  /// moment in the middle of the last poll: the process was killed there.
  void Restart() {
    reader_.reset();
    const bool crashed = crash_at_ == 0;
    const std::filesystem::path left = crashed ? folder_.Path() / "crashed" : Store();
    ++starts_;
    Reader::CopyStore(left, Store());
    crash_at_ = -1;
    simulator_.Faults().ClearAll();
    Start();
  }

  void BetweenPages() {
    world_.ChangeBetweenPages();
    if (crash_at_ > 0 && --crash_at_ == 0) {
      Reader::CopyStore(Store(), folder_.Path() / "crashed");
    }
  }

  void Step() {
    world_.Step();
    if (begun_ && dice_.Chance(3)) {
      world_.JumpClock();
      steady_ = 0;
    }
    if (kind_.service_forgets && begun_ && dice_.Chance(4)) {
      world_.GoOnFor(dice_.Span(hours(20), hours(150)));
    }
    const bool ill = world_.SwitchFaults(answered_);
    // Before the first commit there is nothing to go on from: the account would begin later.
    crash_at_ = begun_ && dice_.Chance(10) ? static_cast<int>(dice_.Number(1, 8)) : -1;
    const bool killed = crash_at_ > 0;
    auto done = world_.Done();
    // A clock that lied a little may have put the watermark ahead of the time.
    std::erase_if(
        done, [now = clock_.Now()](const auto& task) { return task.second >= now - seconds(1); });
    const bool good = reader_->Poll();  // May fail: that is what the faults are for.
    answered_ = good || answered_;
    steady_ = good && !ill ? steady_ + 1 : 0;
    CheckSteady();
    if (good && !ill && !kind_.sweeps) {
      model_.CheckNothingIsMissing(*reader_->Counts(), done);
    }
    begun_ = begun_ || answered_;
    reader_->Sweep(dice_.Number(0, 10));
    if (killed && crash_at_ == 0) {
      Restart();
    }
    Look();
    if (dice_.Chance(8)) {
      Restart();
      Look();
    }
  }

  void Look() {
    if (dice_.Chance(60)) {
      const auto picture = reader_->Scrape();
      model_.Look(*picture);
      model_.NoteServed(*picture);
    }
    reader_->Tend();
    model_.Look(*reader_->Counts());
  }

  /// I7 and I8: after a few good polls of a service that is well the watermark is close behind, and
  /// what was lost shows.
  void CheckSteady() {
    constexpr int kPollsUntilAClockIsBelieved = 3;
    if (steady_ <= kPollsUntilAClockIsBelieved) {
      return;
    }
    const auto counts = reader_->Counts();
    ASSERT_TRUE(counts->watermark);
    ASSERT_LE(clock_.Now() - *counts->watermark, options_.poll.settle + seconds(1));
    ASSERT_TRUE(world_.Lost(kClient).empty() || counts->data_gap.count() > 0);
  }

  /// The service is well again: everything still to be counted is met by polls and sweeps.
  void Settle() {
    simulator_.OnRequest({});
    simulator_.Faults().ClearAll();
    for (int poll = 0; poll < 60; ++poll) {
      clock_.Advance(minutes(10));
      ASSERT_TRUE(reader_->Poll());
      reader_->Sweep(1'000'000);
      ASSERT_FALSE(reader_->SweepWanted());
      model_.NoteServed(*reader_->Scrape());
      reader_->Tend();
      if (poll >= 3) {  // I7: a jump of the clock is believed by then.
        const auto age = clock_.Now() - *reader_->Counts()->watermark;
        ASSERT_LE(age, options_.poll.settle + seconds(1)) << "the watermark stays behind";
      }
    }
    model_.Look(*reader_->Counts());
  }

  void Judge() {
    const auto counts = reader_->Counts();
    const auto lost = world_.Lost(kClient);
    // I8: what was lost shows.
    EXPECT_TRUE(lost.empty() || counts->data_gap.count() > 0)
        << lost.size() << " tasks were removed unseen";
    if (!kind_.service_forgets) {
      EXPECT_EQ(counts->data_gap.count(), 0);
      // Nothing in this world completes before the account's start.
      // By update time a forgotten task that changes is met again, and nobody can tell.
      EXPECT_TRUE(counts->books.discarded_late == 0 || (kind_.by_update && changes_));
      EXPECT_EQ(counts->books.counted, simulator_.Shown(kClient).size());
      if (!changes_) {
        EXPECT_EQ(Counted(*counts), simulator_.ShownCounts(kClient));
      }
      std::uint64_t truth = 0;
      for (const auto& [series, tasks] : simulator_.Truth()) {
        truth += tasks;
      }
      EXPECT_EQ(counts->books.counted, truth) << "and what was shown is all there is";
    }
  }

  Kind kind_;
  Dice dice_;
  test::FakeClock clock_;
  test::TemporaryFolder folder_;
  Simulator simulator_;
  Reader::Options options_;
  bool changes_;
  World world_;
  Model model_;
  std::unique_ptr<Reader> reader_;
  bool begun_ = false;  ///< Some poll has succeeded: the start is fixed, nothing before it is ours.
  int steady_ = 0;      ///< Good polls in a row of a service that is well and tells the time.
  bool answered_ = false;  ///< A poll of this process has succeeded.
  int starts_ = 0;
  int crash_at_ = -1;  ///< Requests until the moment that a kill would leave; 0: it has passed.
};

int Lives() {
  const char* const given = std::getenv("TEST_LIVES");
  return given != nullptr ? std::atoi(given) : kLives;
}

class Counting : public ::testing::TestWithParam<Kind> {};

TEST_P(Counting, EqualsTheTruthWhateverHappensOnTheWay) {
  const std::uint64_t base = BaseSeed();
  std::printf("TEST_SEED=%llu, %d lives\n", static_cast<unsigned long long>(base), Lives());
  for (int life = 0; life < Lives() && !::testing::Test::HasFailure(); ++life) {
    const std::uint64_t seed = base + static_cast<std::uint64_t>(life);
    SCOPED_TRACE("repeat with TEST_LIVES=1 TEST_SEED=" + std::to_string(seed));
    Life(seed, GetParam()).Run();
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Counting,
                         ::testing::Values(Kind{.name = "Usual"},
                                           Kind{.name = "WithoutSweeps", .sweeps = false},
                                           Kind{.name = "ByUpdateTime", .by_update = true},
                                           Kind{.name = "AwayForDays", .service_forgets = true}),
                         [](const auto& instance) { return instance.param.name; });

/// Any order, page split or interleaving of the same tasks gives the same counters.
TEST(CountingOrder, DoesNotDependOnPageSizesOrTimes) {
  const std::uint64_t seed = BaseSeed();
  SCOPED_TRACE("TEST_SEED=" + std::to_string(seed));
  test::FakeClock clock;
  Simulator simulator(
      {.seed = seed, .history = hours(2), .rate = 0.5, .client_secret = Secret("s3cret")}, clock);
  const test::TemporaryFolder folder;
  std::vector<std::unique_ptr<Reader>> readers;
  for (const int page_size : {1, 7, 500}) {
    Reader::Options options{.client_id = "reader" + std::to_string(page_size)};
    options.poll.page_size = page_size;
    options.poll.start.value = nanoseconds(hours(1));
    const auto store = folder.Path() / options.client_id;
    std::filesystem::create_directories(store);
    readers.push_back(std::make_unique<Reader>(simulator, clock, options, store));
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
  EXPECT_EQ(Counted(*readers[0]->Counts()), Counted(*readers[1]->Counts()));
  EXPECT_EQ(Counted(*readers[0]->Counts()), Counted(*readers[2]->Counts()));
}

}  // namespace
}  // namespace acronis::property
