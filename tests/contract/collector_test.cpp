/// The narrow face as an agent uses it, against the simulated service over real sockets.

#include "plugin/collector.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/contract/collector_fixture.h"

namespace acronis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class CollectorTest : public CollectorFixture {};

TEST_F(CollectorTest, ShowsSomethingBeforeItEverPolled) {
  Open();
  const AccountView account = Account();
  ASSERT_NE(account.counts, nullptr);
  EXPECT_EQ(account.counts->account, "emea");
  EXPECT_FALSE(account.up);
  EXPECT_EQ(server_.Connections(), 0U) << "Open() must not send anything";
}

TEST_F(CollectorTest, PollsOnceOnTheCallersThread) {
  Add("backup", "error");
  Open();
  EXPECT_TRUE(collector_->PollOnce());
  EXPECT_TRUE(Account().up);
  EXPECT_EQ(Errors("backup"), 1);
}

TEST_F(CollectorTest, TellsOfAFailedPoll) {
  options_.accounts[0].client_secret = Secret("not-the-s3cret");
  Open();
  EXPECT_FALSE(collector_->PollOnce());
  EXPECT_FALSE(Account().up);
}

TEST_F(CollectorTest, ShowsANewQueueAsZeroUntilAScrapeSawIt) {
  Add("backup", "ok");
  Open();
  collector_->Start();
  ASSERT_TRUE(Await([this] { return Account().counts->baseline_complete; }));
  EXPECT_EQ(Errors("backup"), 0) << "born with the queue";

  Add("replication", "error");
  ASSERT_TRUE(Await([this] { return Errors("replication") >= 0; }));
  EXPECT_EQ(Errors("replication"), 0);
  const auto books = Account().counts->books.received;
  ASSERT_TRUE(Await([&] { return Account().counts->books.received > books + 20; }));
  EXPECT_EQ(Errors("replication"), 0) << "no scrape was answered, however long it takes";

  collector_->NoteServed(*collector_->TakeSnapshot());
  EXPECT_TRUE(Await([this] { return Errors("replication") == 1; }));
}

TEST_F(CollectorTest, DoesNotHoldANewQueueLongerWhenTheGuardCannotBeWritten) {
  static constexpr std::string_view kNoGuard =
      "guard file cannot be written, a store that is put back cannot be noticed";
  // Below a file there is no folder. The guard is tried again after a minute.
  options_.store.guard_path = options_.store.path / "ledger.guard";
  Add("backup", "ok");
  Open();
  collector_->Start();
  ASSERT_TRUE(Await([this] { return Account().counts->baseline_complete; }));
  collector_->NoteServed(*collector_->TakeSnapshot());
  ASSERT_TRUE(Await([this] { return log_.Count(kNoGuard) > 0; }));

  Add("replication", "error");
  ASSERT_TRUE(Await([this] { return Errors("replication") >= 0; }));
  collector_->NoteServed(*collector_->TakeSnapshot());
  EXPECT_TRUE(Await([this] { return Errors("replication") == 1; }));
}

TEST_F(CollectorTest, HidesInFlightTasksUntilTheBaselineIsComplete) {
  simulator_.AddTask({.queue = "stuck", .state = "enqueued", .result_code = ""});
  ASSERT_TRUE(simulator_.Faults().Set({.name = "status", .value = "403", .count = 2}));
  Open();
  collector_->PollOnce();
  EXPECT_EQ(Account().in_flight, nullptr);
  EXPECT_TRUE(collector_->PollOnce());
  ASSERT_NE(Account().in_flight, nullptr);
  EXPECT_EQ(Account().in_flight->at("stuck")[0].tasks, 1U);
}

TEST_F(CollectorTest, CallsInFlightTasksCompleteOnlyWhenTheyAreShown) {
  simulator_.AddTask({.queue = "stuck", .state = "enqueued", .result_code = ""});
  bool refuse = true;
  simulator_.OnRequest([&](const simulator::Request& request) {
    if (refuse && request.target.find("state=completed") != std::string::npos) {
      ASSERT_TRUE(simulator_.Faults().Set({.name = "status", .value = "403", .count = 1}));
    }
  });
  Open();
  EXPECT_FALSE(collector_->PollOnce()) << "the listing works, the baseline does not";
  EXPECT_EQ(Account().in_flight, nullptr);
  EXPECT_FALSE(Account().in_flight_complete);
  refuse = false;
  EXPECT_TRUE(collector_->PollOnce());
  EXPECT_TRUE(Account().in_flight_complete);
}

TEST_F(CollectorTest, GoesOnUndisturbedWhenItIsStartedAgain) {
  std::atomic<int> logins = 0;
  std::atomic<bool> may_answer = false;
  simulator_.OnRequest([&](const simulator::Request& request) {
    if (request.target.find("token") != std::string::npos) {
      ++logins;
      Await([&] { return may_answer.load(); });
    }
  });
  Open();
  collector_->Start();
  EXPECT_TRUE(Await([&] { return logins == 1; }));
  collector_->Start();
  may_answer = true;
  EXPECT_TRUE(Await([this] { return Account().up; }));
  EXPECT_EQ(logins, 1) << "the request under way was not made anew";
  collector_->Stop();  // Before what the hook uses goes.
}

TEST_F(CollectorTest, StopsInTheMiddleOfAStalledReplyAndKeepsItsPicture) {
  Add("backup", "error");
  Open();
  collector_->Start();
  ASSERT_TRUE(Await([this] { return Errors("backup") == 1; }));
  ASSERT_TRUE(simulator_.Faults().Set({.name = "hang", .path = "any"}));
  const MonotonicTime begin = clock_.Monotonic();
  collector_->Stop();
  collector_->Stop();
  EXPECT_LT(clock_.Monotonic() - begin, seconds(20)) << "the request would take five minutes";
  EXPECT_EQ(Errors("backup"), 1);
}

TEST_F(CollectorTest, StartsNothingAndTouchesNoFileBeforeTheStoreIsOpened) {
  OpenWithoutStore();
  const auto snapshot = collector_->TakeSnapshot();
  ASSERT_EQ(snapshot->accounts.size(), 1U);
  EXPECT_EQ(snapshot->accounts[0].counts->account, "emea");
  EXPECT_FALSE(snapshot->accounts[0].up);
  EXPECT_FALSE(collector_->PollOnce());
  collector_->NoteServed(*snapshot);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.Path()));
  EXPECT_EQ(server_.Connections(), 0U);
}

TEST_F(CollectorTest, CountsInAChildThatWasForkedBeforeTheStoreWasOpened) {
  Add("backup", "error");
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
  GTEST_SKIP() << "the thread sanitizer cannot follow threads of a forked child";
#endif
#endif
  OpenWithoutStore();
  const pid_t child = fork();
  if (child == 0) {
    const bool counted =
        collector_->OpenStore() && collector_->PollOnce() && Account().counts->books.counted == 1;
    _exit(counted ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(CollectorTest, OpensTheStoreWhenItsHolderHasLetGo) {
  Open();
  auto holder = std::move(collector_);
  OpenWithoutStore();
  const Status refused = collector_->OpenStore();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kStore);
  holder.reset();
  EXPECT_TRUE(collector_->OpenStore());
  EXPECT_TRUE(collector_->OpenStore()) << "a second time does nothing";
}

TEST_F(CollectorTest, RefusesOptionsThatCannotWork) {
  options_.accounts[0].poll.overlap = seconds(1);
  const auto opened = Collector::Open(options_, {clock_, log_, telemetry_});
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("poll.overlap"), std::string::npos)
      << opened.error().message;
}

}  // namespace
}  // namespace acronis
