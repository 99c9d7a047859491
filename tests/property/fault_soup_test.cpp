/// All faults at random, for thousands of polls of one long-lived account, against the model:
/// nothing counts twice or goes back on the way, and in the end, when the service is well again,
/// everything that it has counts.
///
/// TEST_SEED=N repeats a soup, TEST_CYCLES=N polls more or fewer times.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/core/time_format.h"
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

constexpr int kCycles = 400;
constexpr const char* kClient = "msp";
constexpr const char* kRemoving = "remove_between_pages";
/// One task in so many can be unreadable.
constexpr std::int64_t kUnreadable = 400;
/// A task may appear so late; sweeps go back further.
constexpr nanoseconds kMaxLateness = hours(8);
constexpr nanoseconds kSweepWindow = hours(48);
constexpr nanoseconds kMostBetweenSweeps = hours(4);
/// So often the service is well for as long as a sweep may be waited for. Some faults are answers
/// that look right and leave out tasks: what appears late must be in one sweep without them.
constexpr nanoseconds kWellEvery = hours(24);
static_assert(kMaxLateness + kWellEvery + 2 * kMostBetweenSweeps < kSweepWindow);

int Cycles() {
  const char* const given = std::getenv("TEST_CYCLES");
  return given != nullptr ? std::atoi(given) : kCycles;
}

/// One ingredient.
struct Ingredient {
  std::string name;
  std::vector<std::string> values{""};
  std::int64_t most = 1000;  ///< Requests that it strikes at once.
  bool any_path = true;      ///< It may strike requests for tokens, too.
  bool lies_about_time = false;
};

/// Left out: what happens to connections and in TLS, for there are none here; codings, which a
/// transport undoes or refuses; ids, which make another task of a task; and changed times, which
/// the world brings about itself.
const std::vector<Ingredient>& Ingredients() {
  static const std::vector<std::string> waits = {"none", "1",       "20",        "date",
                                                 "past", "garbage", "1000000000"};
  static const std::vector<Ingredient> all = {
      {"reset"},
      {"reset_in_headers"},
      {"stale"},
      {"drip_headers"},
      {"drip"},
      {"hang"},
      {"stall"},
      {"latency", {"200", "30000"}},
      {"cut_body"},
      {"cut_chunk"},
      {"bad_chunk"},
      {"huge_chunk"},
      {"trailing_garbage"},
      {"idle_close"},
      {"huge_body"},
      {"endless_body"},
      {"endless_header"},
      {"many_headers"},
      {"huge_header"},
      {.name = "invalid_json",
       .values = {"cut", "deep", "duplicate_keys", "nan", "infinity", "bom", "invalid_utf8",
                  "lone_surrogate", "huge_number", "exponent", "empty", "garbage", "trailing",
                  "array", "items_object"},
       .any_path = false},
      {.name = "wrong_type",
       .values = {"completedAt=each", "state=each", "startedAt=each", "updatedAt=each",
                  "enqueuedAt=each", "tenant=each", "type=each", "result=null", "queue=each"},
       .most = 20,
       .any_path = false},
      {.name = "wrong_envelope",
       .values = {"items=null", "size=string", "timeStamp=number", "paging=array", "paging=missing",
                  "paging.cursors.after=string", "paging.cursors.after=number"},
       .most = 20,
       .any_path = false},
      {.name = "unreadable", .values = {std::to_string(kUnreadable)}, .any_path = false},
      {.name = "unknown_enum", .values = {"result.code"}, .any_path = false},
      {.name = "many_queues", .values = {"20"}, .any_path = false},
      {.name = "time_format", .values = {"seconds", "offset"}, .any_path = false},
      {.name = "new_fields", .any_path = false},
      {.name = "unauthorized", .any_path = false},
      {.name = "expire_tokens", .any_path = false},
      {.name = "token_expiry",
       .values = {"0", "60", "missing", "string", "expires_in", "negative", "huge"}},
      {"status",
       {"400", "403", "404", "405", "409", "410", "413", "422", "500", "502", "504", "520"}},
      {"rate_limit", waits},
      {"unavailable", waits},
      {"html_error", {"502", "403"}},
      {"html_ok"},
      {.name = "no_order", .any_path = false},
      {.name = "small_limit", .values = {"5", "17"}, .any_path = false},
      {"redirect", {"301", "302 loop", "307 http://elsewhere.invalid/", "308 file:///etc/passwd"}},
      {.name = "cursor_self", .any_path = false},
      {.name = "cursor_loop", .values = {"2", "5"}, .any_path = false},
      {.name = "endless_cursors", .most = 30, .any_path = false},
      {.name = "empty_page", .most = 30, .any_path = false},
      {.name = "cursor_expired", .values = {"400", "404", "410"}, .any_path = false},
      {.name = "foreign_cursor", .any_path = false},
      {.name = "long_page", .values = {"300"}, .any_path = false},
      {.name = "reversed_page", .any_path = false},
      {.name = "repeated_page", .most = 5, .any_path = false},
      {.name = "skipped_page", .most = 3, .any_path = false},
      {.name = "insert_between_pages", .most = 3, .any_path = false},
      {.name = kRemoving, .most = 3, .any_path = false},
      {.name = "duplicate_in_page", .any_path = false},
      {.name = "duplicate_across_pages", .any_path = false},
      {.name = "late_task", .values = {"60", "3600", "20000"}, .most = 3, .any_path = false},
      {.name = "future_task", .values = {"60", "3600"}, .most = 3, .any_path = false},
      {.name = "changed_result", .most = 3, .any_path = false},
      {.name = "date_shift",
       .values = {"-4000", "-10", "700", "4000"},
       .most = 4,
       .lies_about_time = true},
      {"date_missing"},
      {"date_absurd"},
      {.name = "timestamp_missing", .any_path = false},
      {.name = "frozen", .any_path = false, .lies_about_time = true},
      {.name = "empty", .most = 20, .any_path = false},
      {.name = "forgetful", .values = {"7200"}, .most = 20, .any_path = false},
  };
  return all;
}

class Soup {
 public:
  /// `removes`: the service removes tasks while they are read. What was shown to be removed before
  /// it was understood is gone; without it, nothing may be.
  Soup(std::uint64_t seed, bool removes)
      : removes_(removes),
        dice_(seed),
        simulator_({.seed = seed, .rate = 0, .client_secret = Secret("s3cret")}, clock_),
        world_(simulator_, clock_, dice_, {.max_lateness = kMaxLateness, .changes = true}),
        model_({.simulator = simulator_, .client_id = kClient, .changes = true}) {
    options_.client_id = kClient;
    options_.jitter = [this] { return static_cast<double>(dice_.Number(0, 999)) / 1000; };
    options_.poll.page_size = static_cast<int>(dice_.Number(5, 60));
    options_.poll.overlap = dice_.Span(minutes(5), minutes(30));
    options_.poll.sweep_window = kSweepWindow;
    options_.poll.sweep_every = dice_.Span(hours(1), kMostBetweenSweeps);
    options_.poll.settle = dice_.Span(seconds(0), seconds(30));
    options_.poll.max_requests_per_minute = static_cast<int>(dice_.Number(60, 6000));
  }

  void Run(int cycles) {
    world_.Step();
    Start();
    ASSERT_TRUE(reader_->Poll()) << "the first answer is believed, so it is true";
    answered_ = true;
    well_at_ = clock_.Now();
    simulator_.OnRequest([this](const simulator::Request&) { BetweenRequests(); });
    for (int cycle = 0; cycle < cycles && !::testing::Test::HasFatalFailure(); ++cycle) {
      Cycle();
    }
    simulator_.OnRequest({});
    if (!::testing::Test::HasFatalFailure()) {
      GetWell(2 * kMostBetweenSweeps);
      NoteSpots(false);
    }
    if (!::testing::Test::HasFatalFailure()) {
      Judge();
    }
  }

  /// What was met on the way, for people.
  std::string Summary() const {
    return std::to_string(good_) + " good polls, " + std::to_string(bad_) + " failed, " +
           std::to_string(starts_) + " restarts, " + std::to_string(spots_.size()) +
           " passed over, " + std::to_string(tried_.size()) + " of " +
           std::to_string(Ingredients().size()) + " faults, " +
           std::to_string(reader_->Counts()->books.counted) + " tasks";
  }
  bool TriedEverything() const {
    return tried_.size() + (removes_ ? 0 : 1) == Ingredients().size();
  }

 private:
  std::filesystem::path Store(const std::string& name) const { return folder_.Path() / name; }

  void Start() {
    const auto store = Store(std::to_string(starts_));
    std::filesystem::create_directories(store);
    reader_ = std::make_unique<Reader>(simulator_, clock_, options_, store);
    answered_ = false;
  }

  /// The process ends, or was killed in the middle of the last poll, and begins anew.
  void Restart(bool killed) {
    NoteSpots(killed);
    reader_.reset();
    const auto left = Store(killed ? "killed" : std::to_string(starts_));
    ++starts_;
    Reader::CopyStore(left, Store(std::to_string(starts_)));
    std::filesystem::remove_all(left);
    // What the first answer says is taken as it is.
    simulator_.Faults().Clear("date_shift");
    simulator_.Faults().Clear("frozen");
    Start();
  }

  void BetweenRequests() {
    if (is_well_) {
      return;
    }
    world_.ChangeBetweenPages();
    if (kill_in_ > 0 && --kill_in_ == 0) {
      Reader::CopyStore(Store(std::to_string(starts_)), Store("killed"));
    }
    if (dice_.Chance(1)) {
      simulator_.RevokeTokens();
    }
  }

  void Stir() {
    if (dice_.Chance(40)) {
      simulator_.Faults().ClearAll();
    }
    for (std::int64_t more = dice_.Chance(50) ? 0 : dice_.Number(1, 3); more > 0; --more) {
      Add(dice_.OneOf(Ingredients()));
    }
  }

  void Add(const Ingredient& ingredient) {
    if ((ingredient.lies_about_time && !answered_) || (ingredient.name == kRemoving && !removes_)) {
      return;
    }
    static const std::vector<std::int64_t> counts = {1, 1, 2, 3, 5, 20, 100, 1000};
    static const std::vector<std::string> paths = {"tasks", "tasks", "token", "any"};
    const std::string own = ingredient.lies_about_time && ingredient.any_path ? "any" : "";
    const auto set = simulator_.Faults().Set(
        {.name = ingredient.name,
         .value = dice_.OneOf(ingredient.values),
         .path = ingredient.any_path && own.empty() ? dice_.OneOf(paths) : own,
         .count = std::min(dice_.OneOf(counts), ingredient.most)});
    ASSERT_TRUE(set) << set.error().message;
    tried_.insert(ingredient.name);
  }

  void Cycle() {
    world_.Step();
    if (clock_.Now() - well_at_ > kWellEvery) {
      GetWell(kMostBetweenSweeps);
    }
    Stir();
    kill_in_ = dice_.Chance(1) ? static_cast<int>(dice_.Number(1, 8)) : -1;
    const bool to_be_killed = kill_in_ > 0;
    const bool well = simulator_.Faults().List().empty();
    const bool good = reader_->Poll();
    answered_ = answered_ || good;
    (good ? good_ : bad_) += 1;
    steady_ = good && well ? steady_ + 1 : 0;
    CheckSteady();
    NoteUnreadable();
    // What appears in the oldest part of a sweep is too late for the next one, and that is
    // documented.
    simulator_.Faults().Clear("insert_between_pages");
    reader_->Sweep(dice_.Number(0, 40));
    if (to_be_killed && kill_in_ == 0) {
      Restart(true);
    } else if (dice_.Chance(1)) {
      Restart(false);
    }
    const auto picture = reader_->Scrape();
    model_.Look(*picture);
    model_.NoteServed(*picture);
    reader_->Tend();
  }

  /// I7: after a few good polls of a service that is well the watermark is close behind.
  void CheckSteady() {
    constexpr int kPollsUntilAClockIsBelieved = 3;
    if (steady_ > kPollsUntilAClockIsBelieved) {
      ASSERT_LE(clock_.Now() - *reader_->Counts()->watermark,
                options_.poll.settle + minutes(1) + seconds(1));
    }
  }

  /// The service is well for `a_while`, and for some polls before it: it may be left alone until
  /// then, for it refused tokens, asked for patience or told another time.
  void GetWell(nanoseconds a_while) {
    constexpr int kPollsUntilAllIsWell = 3;
    constexpr nanoseconds kInterval = minutes(10);
    simulator_.Faults().ClearAll();
    is_well_ = true;
    clock_.Advance(minutes(20));
    const auto polls = kPollsUntilAllIsWell + 1 + a_while / kInterval;
    for (int poll = 0; poll < polls; ++poll) {
      clock_.Advance(kInterval);
      ASSERT_TRUE(reader_->Poll() || poll < kPollsUntilAllIsWell) << reader_->Log().Texts().back();
      reader_->Sweep(1'000'000);
      model_.NoteServed(*reader_->Scrape());
      reader_->Tend();
    }
    ASSERT_FALSE(reader_->SweepWanted());
    model_.Look(*reader_->Counts());
    well_at_ = clock_.Now();
    is_well_ = false;
  }

  /// Remembers what this process has passed over: at these times a task may have been lost. The
  /// store of one that was killed may not know of the last ones.
  void NoteSpots(bool killed) {
    for (const auto& line : reader_->Log().Lines()) {
      if (line.message.starts_with("record cannot be read")) {
        const auto at = std::ranges::find(line.fields, "completed_at", &LogField::key);
        spots_.insert(*ParseRfc3339(at->value));
        passed_over_ += killed ? 0 : 1;
      }
    }
  }

  /// What somebody is shown who comes now and reads everything.
  std::vector<std::int64_t> ShownToANewcomer() {
    Reader::Options options = options_;
    options.client_id = "newcomer";
    options.jitter = nullptr;
    options.poll.page_size = 500;
    options.poll.start.value = nanoseconds(hours(24 * 80));
    const auto store = Store("newcomer");
    std::filesystem::create_directories(store);
    Reader newcomer(simulator_, clock_, options, store);
    clock_.Advance(minutes(1));
    EXPECT_TRUE(newcomer.Poll());
    EXPECT_TRUE(newcomer.Counts()->baseline_complete);
    EXPECT_EQ(newcomer.Counts()->books.counted, simulator_.ShownSize(options.client_id));
    return simulator_.Shown(options.client_id);
  }

  void Judge() {
    const auto shown = simulator_.Shown(kClient);
    const auto there = ShownToANewcomer();
    std::vector<std::int64_t> missing;
    std::ranges::set_difference(there, shown, std::back_inserter(missing));
    std::vector<std::int64_t> removed;
    std::ranges::set_difference(shown, there, std::back_inserter(removed));
    EXPECT_TRUE(removed.empty() || removes_) << removed.size() << " tasks are gone";
    std::erase_if(missing,
                  [this](std::int64_t id) { return spots_.contains(*simulator_.CompletedAt(id)); });
    EXPECT_EQ(missing, std::vector<std::int64_t>()) << "never shown";
    const auto books = reader_->Counts()->books;
    EXPECT_LE(books.counted, shown.size());
    EXPECT_GE(books.counted + spots_.size() + removed.size(), shown.size());
    EXPECT_GE(books.invalid, passed_over_);
    CheckSpots(there);
    EXPECT_EQ(books.discarded_late, 0U);
    EXPECT_EQ(reader_->Counts()->data_gap.count(), 0);
  }

  /// At these times there may be spots, also if the task moves later.
  void NoteUnreadable() {
    for (auto task = world_.Done().upper_bound(newest_); task != world_.Done().end(); ++task) {
      newest_ = task->first;
      if (simulator::IsUnreadable(newest_, kUnreadable)) {
        unreadable_.push_back(newest_);
      }
    }
    for (const std::int64_t id : unreadable_) {
      unreadable_at_.insert(world_.Done().at(id));
    }
  }

  /// Nothing was passed over because of a fault that went by. `there`: all tasks, also those that
  /// are not of our world, but were brought by faults.
  void CheckSpots(const std::vector<std::int64_t>& there) {
    for (const std::int64_t id : there) {
      if (simulator::IsUnreadable(id, kUnreadable)) {
        unreadable_at_.insert(*simulator_.CompletedAt(id));
      }
    }
    for (const TimePoint spot : spots_) {
      EXPECT_TRUE(unreadable_at_.contains(spot)) << FormatRfc3339(spot);
    }
  }

  bool removes_;
  Dice dice_;
  test::FakeClock clock_;
  test::TemporaryFolder folder_;
  Simulator simulator_;
  Reader::Options options_;
  World world_;
  Model model_;
  std::unique_ptr<Reader> reader_;
  std::set<std::string> tried_;
  std::set<TimePoint> spots_;
  std::uint64_t passed_over_ = 0;
  std::int64_t newest_ = 0;               ///< Of what was looked at by NoteUnreadable().
  std::vector<std::int64_t> unreadable_;  ///< Of our world.
  std::set<TimePoint> unreadable_at_;
  bool is_well_ = false;
  TimePoint well_at_;      ///< When the service was well for the last time.
  bool answered_ = false;  ///< A poll of this process has succeeded.
  int kill_in_ = -1;       ///< Requests until the moment that a kill would leave; 0: it has passed.
  int starts_ = 0;
  int good_ = 0;
  int bad_ = 0;
  int steady_ = 0;  ///< Good polls in a row of a service that is well.
};

class FaultSoup : public ::testing::TestWithParam<bool> {};

TEST_P(FaultSoup, IsSurvivedWithTheTruth) {
  const std::uint64_t seed = BaseSeed();
  std::printf("TEST_SEED=%llu, %d cycles\n", static_cast<unsigned long long>(seed), Cycles());
  SCOPED_TRACE("repeat with TEST_SEED=" + std::to_string(seed));
  Soup soup(seed, GetParam());
  soup.Run(Cycles());
  std::printf("%s\n", soup.Summary().c_str());
  EXPECT_TRUE(soup.TriedEverything() || Cycles() < 10 * kCycles);
}

INSTANTIATE_TEST_SUITE_P(Kinds, FaultSoup, ::testing::Bool(), [](const auto& instance) {
  return std::string(instance.param ? "WithRemovals" : "WithoutRemovals");
});

}  // namespace
}  // namespace acronis::property
