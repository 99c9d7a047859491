/// Every call by which the store uses its disk fails once, at every place of a short life.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/ledger/faulty_disk.h"
#include "tests/ledger/ledger_fixture.h"

namespace acronis::ledger::sqlite {
namespace {

using test::DiskCall;
using test::FaultyDisk;

constexpr int kPages = 12;

struct Error {
  std::string name;
  DiskCall call;
  int code;
};

class DiskErrorTest : public LedgerFixture, public ::testing::WithParamInterface<Error> {
 protected:
  DiskErrorTest() {
    options_.store.vfs = disk_.Name();
    options_.store.longest_log = 10;
    options_.rules.series_hold = {};
  }

  ~DiskErrorTest() override { ledger_.reset(); }  // It uses the disk.

  static std::vector<Task> Page(int page) {
    std::vector<Task> tasks;
    for (int task = 0; task < 5; ++task) {
      tasks.push_back(Done(page * 5 + task, kNow, "ok", "queue" + std::to_string(page % 3)));
    }
    return tasks;
  }

  /// Counts every page, each as often as it takes, and never a failed try more than the picture
  /// shows. Returns the number of failed tries.
  int CountAll() {
    int failures = 0;
    for (int page = 0; page < kPages; ++page) {
      CompleteBaseline();
      while (!Count(Page(page))) {
        EXPECT_EQ(Shown()->books.counted, static_cast<unsigned>(page) * 5);
        EXPECT_FALSE(ledger_->CheckReady()) << "it rests after a failure";
        if (++failures > 3 || fatal_ > 0) {
          return failures;
        }
        clock_.Advance(std::chrono::minutes(2));
        EXPECT_TRUE(ledger_->CheckReady());
      }
      EXPECT_GE(Shown()->books.counted, static_cast<unsigned>(page + 1) * 5);
    }
    // Waits until the writer has done what follows the last commit.
    EXPECT_TRUE(ledger_->Advance("emea", {.progress = progress_}) || fatal_ > 0);
    return failures;
  }

  void StartAnew() {
    ledger_.reset();
    fatal_ = 0;
    std::filesystem::remove(options_.store.path);
    std::filesystem::remove(LogOf(options_.store.path));
  }

  void ExpectAllCounted() {
    Open();
    EXPECT_EQ(Shown()->books.counted, kPages * 5U);
    std::uint64_t completed = 0;
    for (const auto& [name, queue] : Shown()->queues) {
      completed += queue->completed[0];
    }
    EXPECT_EQ(completed, kPages * 5U);
  }

  FaultyDisk disk_;
};

TEST_P(DiskErrorTest, WhileRunningUndoesThePageAndIsOvercome) {
  const Error& error = GetParam();
  Open();
  const int before = disk_.Calls(error.call);
  CountAll();
  const int places = disk_.Calls(error.call) - before;
  int failed = 0;
  for (int number = 0; number < places; ++number) {
    SCOPED_TRACE("call " + std::to_string(number) + " of " + std::to_string(places));
    StartAnew();
    Open();
    disk_.Fail(error.call, number, error.code);
    CountAll();
    EXPECT_EQ(fatal_, 0);
    failed += disk_.Failed() ? 1 : 0;
    ExpectAllCounted();
  }
  EXPECT_EQ(failed, places);
}

TEST_P(DiskErrorTest, AtStartIsSaidAndLeavesAStoreThatStarts) {
  const Error& error = GetParam();
  Open();
  CountAll();
  const int before = disk_.Calls(error.call);
  Open();
  const int places = disk_.Calls(error.call) - before;
  for (int number = 0; number < places; ++number) {
    SCOPED_TRACE("call " + std::to_string(number) + " of " + std::to_string(places));
    disk_.Fail(error.call, number, error.code);
    TryOpen();  // It may do without the call, or not.
    disk_.Heal();
    ExpectAllCounted();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Errors, DiskErrorTest,
    ::testing::Values(Error{"WriteError", DiskCall::kWrite, SQLITE_IOERR_WRITE},
                      Error{"DiskFull", DiskCall::kWrite, SQLITE_FULL},
                      Error{"ReadError", DiskCall::kRead, SQLITE_IOERR_READ},
                      Error{"TruncateError", DiskCall::kTruncate, SQLITE_IOERR_TRUNCATE},
                      Error{"OpenError", DiskCall::kOpen, SQLITE_CANTOPEN},
                      Error{"SizeError", DiskCall::kFileSize, SQLITE_IOERR_FSTAT}),
    [](const auto& instance) { return instance.param.name; });

TEST_F(DiskErrorTest, AFailedSyncIsTheEnd) {
  Open();
  const int before = disk_.Calls(DiskCall::kSync);
  CountAll();
  const int places = disk_.Calls(DiskCall::kSync) - before;
  ASSERT_GT(places, kPages);
  int failed = 0;
  for (int number = 0; number < places; ++number) {
    SCOPED_TRACE("sync " + std::to_string(number) + " of " + std::to_string(places));
    StartAnew();
    Open();
    disk_.Fail(DiskCall::kSync, number, SQLITE_IOERR_FSYNC);
    CountAll();
    if (!disk_.Failed()) {
      continue;
    }
    ++failed;
    EXPECT_FALSE(Count({Done(999)})) << "nothing is believed any more";
    EXPECT_EQ(fatal_, 1) << "the process would end now";
    EXPECT_FALSE(ledger_->CheckReady());
    ledger_.reset();
    Open();  // A new process: it goes on from what the disk has.
    CountAll();
    ExpectAllCounted();
  }
  EXPECT_EQ(failed, places);
}

TEST_F(DiskErrorTest, AStoreThatCannotBeMadeIsNamed) {
  for (const DiskCall call : {DiskCall::kWrite, DiskCall::kSync}) {
    for (int number = 0; true; ++number) {
      SCOPED_TRACE("call " + std::to_string(number));
      StartAnew();
      disk_.Fail(call, number, call == DiskCall::kSync ? SQLITE_IOERR_FSYNC : SQLITE_FULL);
      const std::string trouble = TryOpen();
      if (!disk_.Failed()) {
        EXPECT_GT(number, 3);
        break;
      }
      EXPECT_NE(trouble.find(options_.store.path.string()), std::string::npos) << trouble;
      disk_.Heal();
    }
  }
}

TEST_F(DiskErrorTest, RestsLongerAfterEachFailureAndSaysSoOnce) {
  Open();
  CompleteBaseline();
  disk_.Fail(DiskCall::kWrite, 0, SQLITE_FULL, 1'000'000);
  std::vector<std::chrono::seconds> rests;
  for (int failure = 0; failure < 8; ++failure) {
    ASSERT_FALSE(Count(Page(0)));
    std::chrono::seconds rest{};
    while (!ledger_->CheckReady()) {
      clock_.Advance(std::chrono::seconds(1));
      rest += std::chrono::seconds(1);
    }
    rests.push_back(rest);
  }
  using namespace std::chrono_literals;
  EXPECT_EQ(rests, (std::vector<std::chrono::seconds>{1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}));
  EXPECT_EQ(log_.Count("store does not work, what was committed stays served"), 1U);
  EXPECT_EQ(telemetry_.failures, 8);
  disk_.Heal();
  EXPECT_TRUE(Count(Page(0)));
  EXPECT_EQ(log_.Count("store works again"), 1U);
}

}  // namespace
}  // namespace acronis::ledger::sqlite
