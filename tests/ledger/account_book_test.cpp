#include "plugin/ledger/account_book.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace acronis::ledger {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr TimePoint kNow{seconds(1'700'000'000)};
constexpr MonotonicTime kStarted{seconds(1000)};
constexpr std::size_t kOk = static_cast<std::size_t>(ResultCode::kOk);
constexpr std::size_t kError = static_cast<std::size_t>(ResultCode::kError);

Task Done(std::int64_t id, TimePoint completed, const std::string& code = "ok",
          const std::string& queue = "backup") {
  return {.id = id,
          .queue = queue,
          .state = "completed",
          .result_code = code,
          .completed_at = completed};
}

Progress AfterBaseline() {
  return {.start = kNow - hours(24),
          .baseline_end = kNow - hours(1),
          .baseline_complete = true,
          .watermark = kNow - minutes(1),
          .horizon = kNow - hours(24)};
}

class AccountBookTest : public ::testing::Test {
 protected:
  static CountingRules Rules() {
    return {.duration_bounds = {1, 10}, .queue_wait_bounds = {1, 10}, .series_hold = minutes(2)};
  }

  /// Counts one page and applies it, as a ledger does.
  PageOutcome Count(const std::vector<Task>& tasks, std::uint64_t invalid = 0) {
    BookChange change = book_.Count(
        {.tasks = tasks, .invalid = invalid, .server_time = kNow, .progress = progress_});
    PageOutcome outcome = change.outcomes[0];
    book_.Apply(change, ++generation_);
    return outcome;
  }

  QueueCounts Shown(const std::string& queue = "backup") {
    return *book_.Shown()->queues.at(queue);
  }

  /// Answers a scrape and lets the hold pass, so that values are shown.
  void RevealAll() {
    book_.NoteServed(generation_, kStarted);
    Reveal(book_.DueForReveal(kStarted + minutes(2)));
  }
  void Reveal(const std::vector<std::string>& queues) {
    book_.Apply(book_.Reveal(queues), ++generation_);
  }

  Progress progress_ = AfterBaseline();
  AccountBook book_{"emea", Rules()};
  std::uint64_t generation_ = 0;
};

TEST_F(AccountBookTest, ShowsTheStartBeforeTheBaselineIsComplete) {
  EXPECT_FALSE(book_.Shown()->start);
  progress_.baseline_complete = false;
  progress_.start = kNow - minutes(60);
  Count({});
  EXPECT_EQ(book_.Shown()->start, progress_.start);
}

TEST_F(AccountBookTest, CountsAnIdOnceWithinAPageAndAcrossPages) {
  Count({Done(1, kNow), Done(1, kNow), Done(2, kNow)});
  Count({Done(2, kNow), Done(3, kNow, "error")});
  EXPECT_EQ(Shown().completed[kOk], 2U);
  EXPECT_EQ(Shown().completed[kError], 1U);
  const Books books = book_.Shown()->books;
  EXPECT_EQ(books.received, 5U);
  EXPECT_EQ(books.counted, 3U);
  EXPECT_EQ(books.duplicate, 2U);
}

TEST_F(AccountBookTest, CountsSeveralPagesAtOnceAsOneAfterTheOther) {
  const std::vector<Task> tasks[] = {{Done(1, kNow), Done(2, kNow), Done(9, kNow - hours(48))},
                                     {Done(2, kNow), Done(3, kNow, "error"), Done(3, kNow)}};
  const PageCommit first{.tasks = tasks[0], .invalid = 1, .server_time = kNow};
  Progress further = AfterBaseline();
  further.watermark = kNow;
  const PageCommit second{.tasks = tasks[1], .server_time = kNow, .progress = further};

  const auto change = book_.CountPages(std::array{&first, &second});
  ASSERT_EQ(change.outcomes.size(), 2U);
  EXPECT_EQ(change.outcomes[0].counted, 3U) << "nothing is too late before there is a horizon";
  EXPECT_EQ(change.outcomes[1].counted, 1U);
  EXPECT_EQ(change.outcomes[1].duplicate, 2U);
  EXPECT_EQ(change.progress, further);

  AccountBook other{"emea", Rules()};
  other.Apply(other.Count(first), 1);
  EXPECT_EQ(other.CurrentProgress(), Progress()) << "a page without progress leaves it alone";
  other.Apply(other.Count(second), 2);
  book_.Apply(change, 1);
  EXPECT_EQ(book_.Shown()->books, other.Shown()->books);
  EXPECT_EQ(*book_.Shown()->queues.at("backup"), *other.Shown()->queues.at("backup"));
}

TEST_F(AccountBookTest, KeepsItsBooks) {
  Count({Done(1, kNow), Done(1, kNow), Done(2, kNow - hours(48))}, 4);
  Count({Done(3, kNow - hours(48))}, 1);
  const Books books = book_.Shown()->books;
  EXPECT_EQ(books.received, 9U);
  EXPECT_EQ(books.counted + books.duplicate + books.discarded_late + books.invalid, 9U);
  EXPECT_EQ(books.invalid, 5U);
}

TEST_F(AccountBookTest, DiscardsAnUnknownTaskBelowTheHorizonButKnowsAnOldOne) {
  Count({Done(1, kNow)});
  const auto outcome = Count({Done(1, kNow - hours(25)), Done(2, kNow - hours(25))});
  EXPECT_EQ(outcome.duplicate, 1U);
  EXPECT_EQ(outcome.discarded_late, 1U);
  EXPECT_EQ(book_.Shown()->books.counted, 1U);
}

TEST_F(AccountBookTest, CountsWhatCompletedBeforeTheWatermarkAsLate) {
  Count({});  // Stores the watermark.
  Count({Done(1, kNow - minutes(2)), Done(2, kNow)});
  EXPECT_EQ(book_.Shown()->books.late, 1U);
  EXPECT_EQ(book_.Shown()->books.counted, 2U);
}

TEST_F(AccountBookTest, ShowsAChangedTaskWithoutCountingItAgain) {
  Count({Done(1, kNow, "ok")});
  Count({Done(1, kNow, "error")});
  Count({Done(1, kNow + seconds(1), "error")});
  Count({Done(1, kNow + seconds(1), "error")});
  const Books books = book_.Shown()->books;
  EXPECT_EQ(books.counted, 1U);
  EXPECT_EQ(books.changed_result, 1U);
  EXPECT_EQ(books.changed_completion_time, 1U);
  EXPECT_EQ(Shown().completed[kError], 0U);
}

TEST_F(AccountBookTest, ObservesDurationAndQueueWait) {
  Task task = Done(1, kNow);
  task.enqueued_at = kNow - seconds(20);
  task.started_at = kNow - seconds(10);
  Count({task});
  Task skewed = Done(2, kNow);
  skewed.enqueued_at = kNow;
  skewed.started_at = kNow - seconds(5);
  Count({skewed});
  RevealAll();
  EXPECT_EQ(Shown().duration.buckets, (std::vector<std::uint64_t>{0, 2, 0}));  // 10 s is in le=10.
  EXPECT_EQ(Shown().duration.sum_us, 15'000'000);
  EXPECT_EQ(Shown().queue_wait.buckets, (std::vector<std::uint64_t>{1, 1, 0}));  // Skew is 0.
  EXPECT_EQ(Shown().queue_wait.sum_us, 10'000'000);
}

TEST_F(AccountBookTest, AddsDurationsUpToWhatThereIsRoomFor) {
  constexpr int kTasks = 6000;
  std::vector<Task> tasks;
  for (int id = 1; id <= kTasks; ++id) {
    Task task = Done(id, kNow);
    task.enqueued_at = TimePoint();
    task.started_at = id % 2 == 0 ? kNow : TimePoint();
    tasks.push_back(task);
  }
  Count(tasks);
  RevealAll();
  constexpr std::int64_t kHalf = kTasks / 2 * 1'700'000'000'000'000;
  EXPECT_EQ(Shown().duration.sum_us, kHalf);
  EXPECT_EQ(Shown().queue_wait.sum_us, kHalf);
  for (Task& task : tasks) {
    task.id += kTasks;
  }
  Count(tasks);
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  static_assert(kMost - kHalf < kHalf);
  EXPECT_EQ(Shown().duration.sum_us, kMost);
  EXPECT_EQ(Shown().queue_wait.sum_us, kMost);
}

TEST_F(AccountBookTest, LeavesTheDurationOfTasksThatNeverStartedOut) {
  Task cancelled = Done(1, kNow, "cancelled");
  cancelled.enqueued_at = kNow - seconds(20);
  Task backwards = Done(2, kNow);
  backwards.started_at = kNow + seconds(1);
  Count({cancelled, backwards});
  RevealAll();
  EXPECT_EQ(Shown().duration.buckets, (std::vector<std::uint64_t>{0, 0, 0}));
}

TEST_F(AccountBookTest, NeverShowsACompletionAfterTheServersTime) {
  Count({Done(1, kNow + hours(3))});
  RevealAll();
  EXPECT_EQ(Shown().last_completion[kOk], kNow);
}

TEST_F(AccountBookTest, ShowsNothingBeforeTheBaselineIsCompleteThenAllAtOnce) {
  progress_.baseline_complete = false;
  Count({Done(1, kNow)});
  EXPECT_TRUE(book_.Shown()->queues.empty());
  EXPECT_EQ(book_.Shown()->watermark, std::nullopt);
  progress_.baseline_complete = true;
  Count({Done(2, kNow)});
  EXPECT_EQ(Shown().completed[kOk], 2U);
  EXPECT_EQ(book_.Shown()->watermark, progress_.watermark);
}

TEST_F(AccountBookTest, ShowsANewSeriesAsZeroUntilItsHoldHasPassed) {
  Count({});  // The baseline is complete now.
  Count({Done(1, kNow, "error", "new")});
  const std::uint64_t born = generation_;
  EXPECT_EQ(Shown("new").completed[kError], 0U);

  book_.NoteServed(born - 1, kStarted);  // An older picture did not show the 0.
  EXPECT_EQ(book_.NextReveal(), std::nullopt);
  book_.NoteServed(born, kStarted);
  EXPECT_EQ(book_.NextReveal(), kStarted + minutes(2));
  EXPECT_TRUE(book_.DueForReveal(kStarted + minutes(2) - nanoseconds(1)).empty());
  EXPECT_EQ(book_.DueForReveal(kStarted + minutes(2)), std::vector<std::string>{"new"});
  Reveal({"new"});
  EXPECT_EQ(Shown("new").completed[kError], 1U);
}

TEST_F(AccountBookTest, NeverHoldsARevealedSeriesAgain) {
  Count({});
  Count({Done(1, kNow, "ok", "new")});
  RevealAll();
  Count({Done(2, kNow, "error", "new")});
  EXPECT_EQ(Shown("new").completed[kError], 1U);
}

TEST_F(AccountBookTest, BearsAQueueMetInFlightAtZero) {
  Count({});
  const std::vector<std::string> queues{"stuck"};
  book_.Apply(book_.Advance({.progress = progress_, .queues_met = queues}), ++generation_);
  EXPECT_EQ(Shown("stuck").completed[kOk], 0U);
  RevealAll();
  Count({Done(1, kNow, "error", "stuck")});
  EXPECT_EQ(Shown("stuck").completed[kError], 1U);
}

TEST_F(AccountBookTest, ChangesNothingUntilTheChangeIsApplied) {
  const std::vector<Task> tasks{Done(1, kNow)};
  const auto change = book_.Count({.tasks = tasks, .server_time = kNow, .progress = progress_});
  EXPECT_EQ(change.books.counted, 1U);
  EXPECT_EQ(book_.Shown()->books, Books{});
  EXPECT_EQ(book_.CurrentProgress(), Progress{});
  EXPECT_EQ(book_.Shown()->dedupe_entries, 0U);
}

TEST_F(AccountBookTest, ComparesCompletionTimesInWholeSeconds) {
  Count({Done(1, kNow)});
  Count({Done(1, kNow + nanoseconds(999'999'999))});
  EXPECT_EQ(book_.Shown()->books.changed_completion_time, 0U);
  Count({Done(1, kNow - seconds(1))});
  Count({Done(1, kNow - seconds(1))});
  EXPECT_EQ(book_.Shown()->books.changed_completion_time, 1U);
  EXPECT_EQ(book_.Shown()->books.duplicate, 3U);
}

TEST_F(AccountBookTest, TellsOnceOfAChangeWithinAPage) {
  Count({Done(1, kNow, "ok"), Done(1, kNow, "error"), Done(1, kNow, "error")});
  EXPECT_EQ(book_.Shown()->books.changed_result, 1U);
  Count({Done(1, kNow, "error")});
  EXPECT_EQ(book_.Shown()->books.changed_result, 1U);
}

TEST_F(AccountBookTest, TakesAnIdBelowTheHorizonForForgotten) {
  Count({Done(1, kNow - hours(23))});
  progress_.horizon = kNow - hours(22);
  Count({});
  EXPECT_EQ(Count({Done(1, kNow - hours(23))}).discarded_late, 1U) << "the store still has it";
  const auto change = [&] {
    const std::vector<Task> tasks{Done(1, kNow)};
    return book_.Count({.tasks = tasks, .server_time = kNow, .progress = progress_});
  }();
  EXPECT_EQ(change.outcomes[0].counted, 1U);
  ASSERT_EQ(change.seen.size(), 1U);
  EXPECT_TRUE(change.seen[0].before) << "the old row must be taken away";
}

TEST_F(AccountBookTest, RemembersAnIdByItsUpdateWhenThatIsReadBy) {
  Task late = Done(1, kNow - hours(23));
  late.updated_at = kNow;
  const std::vector<Task> tasks{late};
  const auto change =
      book_.Count({.tasks = tasks, .server_time = kNow, .progress = progress_, .by_update = true});
  EXPECT_EQ(change.seen.at(0).now.newest, SecondOf(kNow));
  EXPECT_EQ(change.seen.at(0).now.shown, SecondOf(kNow - hours(23)));
  Count(tasks);
  progress_.horizon = kNow - hours(22);
  Count({});
  EXPECT_EQ(Count(tasks).discarded_late, 1U) << "read by completion it is forgotten";
}

TEST_F(AccountBookTest, CountsUnderOtherWhatIsBeyondTheLimit) {
  CountingRules rules = Rules();
  rules.series_hold = {};
  rules.queue_limit = 2;
  book_ = AccountBook("emea", rules);
  const auto outcome =
      Count({Done(1, kNow, "ok", "a"), Done(2, kNow, "ok", "b"), Done(3, kNow, "ok", "c"),
             Done(4, kNow, "error", "d"), Done(5, kNow, "ok", "a"), Done(6, kNow, "ok", "c")});
  EXPECT_EQ(outcome.overflowed, 3U);
  EXPECT_EQ(book_.Shown()->queues.size(), 3U);
  EXPECT_EQ(Shown("a").completed[kOk], 2U);
  EXPECT_EQ(Shown("_other").completed[kOk], 2U);
  EXPECT_EQ(Shown("_other").completed[kError], 1U);
  EXPECT_EQ(Count({Done(7, kNow, "ok", "e"), Done(8, kNow, "ok", "b")}).overflowed, 1U);
  const std::vector<std::string> met{"f", "g"};
  EXPECT_TRUE(book_.Advance({.progress = progress_, .queues_met = met}).queues.empty());
  EXPECT_EQ(book_.Shown()->books.counted, 8U) << "totals stay right";
}

TEST_F(AccountBookTest, GoesOnWhereItStopped) {
  Count({});
  Count({Done(1, kNow, "error", "new")});
  const auto counts = std::make_shared<const QueueCounts>([] {
    QueueCounts queue;
    queue.born_at = kNow;
    queue.completed[kError] = 1;
    queue.duration.buckets.resize(3);
    queue.queue_wait.buckets.resize(3);
    return queue;
  }());
  BookState state;
  state.progress = progress_;
  state.queues = {{"shown", {counts, true}}, {"held", {counts, false}}};
  state.seen.Put(1, {.newest = SecondOf(kNow), .shown = SecondOf(kNow), .result = ResultCode::kOk});
  book_ = AccountBook("emea", Rules(), std::move(state));
  EXPECT_EQ(Shown("shown").completed[kError], 1U);
  EXPECT_EQ(Shown("held").completed[kError], 0U) << "its hold begins anew";
  EXPECT_EQ(Shown("held").born_at, kNow);
  EXPECT_EQ(Count({Done(1, kNow)}).duplicate, 1U);
  RevealAll();
  EXPECT_EQ(Shown("held").completed[kError], 1U);
}

}  // namespace
}  // namespace acronis::ledger
