#include "plugin/poll/account_poller.h"

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/core/time_format.h"
#include "plugin/poll/account_loop.h"
#include "tests/fakes/recording_logger.h"
#include "tests/fakes/scripted_transport.h"
#include "tests/fakes/temporary_ledger.h"

namespace acronis::poll {
namespace {

using api::HttpRequest;
using api::HttpResponse;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr TimePoint kNow{hours(450'000)};

/// Time stands still unless the test moves it.
class StillClock final : public Clock {
 public:
  TimePoint Now() const override { return kNow; }
  MonotonicTime Monotonic() const override { return monotonic; }
  bool SleepFor(std::chrono::nanoseconds delay, const std::stop_token& stop) override {
    monotonic += delay;
    return !stop.stop_requested();
  }

  MonotonicTime monotonic{};
};

class FixedToken final : public api::TokenSource {
 public:
  Result<Secret> Token(const api::CallBounds& /*bounds*/) override { return Secret("token"); }
  void Refused(const Secret&) override {}
};

class PollRecorder final : public Telemetry {
 public:
  void PollDone(std::string_view, std::optional<ErrorKind> failure, std::chrono::nanoseconds,
                TimePoint) override {
    polls.push_back(failure);
  }
  void TaskArrived(std::string_view, std::chrono::nanoseconds delay) override {
    arrivals.push_back(delay);
  }
  void LabelRepaired(std::string_view label) override { repaired.emplace_back(label); }
  std::vector<std::string> repaired;
  std::vector<std::optional<ErrorKind>> polls;
  std::vector<std::chrono::nanoseconds> arrivals;
};

std::string TaskJson(std::int64_t id, TimePoint completed, const std::string& queue = "backup",
                     const std::string& code = "ok") {
  return R"({"id":)" + std::to_string(id) + R"(,"queue":")" + queue +
         R"(","state":"completed","completedAt":")" + FormatRfc3339(completed) +
         R"(","result":{"code":")" + code + R"("}})";
}

std::string WaitingJson(std::int64_t id, const std::string& queue, const std::string& state,
                        TimePoint enqueued) {
  return R"({"id":)" + std::to_string(id) + R"(,"queue":")" + queue + R"(","state":")" + state +
         R"(","enqueuedAt":")" + FormatRfc3339(enqueued) + R"("})";
}

HttpResponse Page(const std::string& items, TimePoint server_time = kNow,
                  const std::string& cursor = "") {
  const std::string paging =
      cursor.empty() ? "" : R"(,"paging":{"cursors":{"after":")" + cursor + R"("}})";
  return {.status = 200,
          .headers = {{"Content-Type", "application/json"}},
          .body = R"({"items":[)" + items + R"(],"timeStamp":")" + FormatRfc3339(server_time) +
                  R"(")" + paging + "}"};
}

bool AsksForInFlight(const HttpRequest& request) {
  return request.target.find("state=enqueued") != std::string::npos;
}

class AccountPollerTest : public ::testing::Test {
 protected:
  AccountPollerTest() {
    transport_.handler = [this](const HttpRequest& request) { return Answer(request); };
    options_.start.value = std::chrono::nanoseconds(hours(24));
  }

  /// What the tests script: the in-flight reply, and one reply per completed-task request; when
  /// none is left, an empty page.
  Result<HttpResponse> Answer(const HttpRequest& request) {
    if (AsksForInFlight(request)) {
      return in_flight_;
    }
    if (completed_.empty()) {
      return Page("", server_time_);
    }
    auto reply = completed_.front();
    completed_.pop_front();
    return reply;
  }

  void SetTime(TimePoint time) {
    clock_.monotonic += time - server_time_;
    server_time_ = time;
    in_flight_ = Page("", time);
  }

  AccountPoller& Poller() {
    if (!poller_) {
      Account account{.name = "emea",
                      .filters = {{"policyType", "backup"}},
                      .options = options_,
                      .deps = {.client = client_,
                               .ledger = *ledger_,
                               .clock = clock_,
                               .log = log_,
                               .telemetry = telemetry_},
                      .progress = *ledger_->Register({.name = "emea"})};
      poller_ = std::make_unique<AccountPoller>(std::move(account));
    }
    return *poller_;
  }

  Status Poll() { return Poller().PollOnce({}); }
  std::shared_ptr<const AccountCounts> Counts() { return ledger_->Snapshot()->accounts.at(0); }

  std::vector<std::string> CompletedTargets() const {
    std::vector<std::string> targets;
    for (const HttpRequest& request : transport_.requests) {
      if (!AsksForInFlight(request)) {
        targets.push_back(request.target);
      }
    }
    return targets;
  }

  PollOptions options_;
  StillClock clock_;
  FixedToken tokens_;
  fakes::RecordingLogger log_;
  PollRecorder telemetry_;
  TimePoint server_time_ = kNow;
  Result<HttpResponse> in_flight_ = Page("");
  std::deque<Result<HttpResponse>> completed_;
  fakes::ScriptedTransport transport_;
  test::TemporaryLedger ledger_{
      {.duration_bounds = {1}, .queue_wait_bounds = {1}, .series_hold = {}},
      {.clock = clock_, .log = log_, .telemetry = telemetry_}};
  api::TaskClient client_{"emea",
                          {.transport = transport_,
                           .tokens = tokens_,
                           .clock = clock_,
                           .log = log_,
                           .telemetry = telemetry_}};
  std::unique_ptr<AccountPoller> poller_;
};

TEST_F(AccountPollerTest, AsksForWhatIsInFlightThenForTheWindow) {
  ASSERT_TRUE(Poll());
  ASSERT_EQ(transport_.requests.size(), 2U);
  EXPECT_EQ(transport_.requests[0].target,
            "/api/task_manager/v2/tasks?state=enqueued&state=assigned&state=started&state=paused"
            "&policyType=backup&order=asc%28enqueuedAt%29&limit=500");
  // 24 hours back from hour 450,000, less a nanosecond: gt() is the proven comparison.
  EXPECT_EQ(transport_.requests[1].target,
            "/api/task_manager/v2/tasks?state=completed&policyType=backup"
            "&completedAt=gt%282021-05-01T23%3A59%3A59.999999999Z%29"
            "&completedAt=lt%282021-05-03T00%3A00%3A00Z%29&order=asc%28completedAt%29&limit=500");
}

TEST_F(AccountPollerTest, CountsTheWindowAndMovesTheWatermark) {
  completed_.push_back(
      Page(TaskJson(1, kNow - hours(2)) + "," + TaskJson(2, kNow - hours(1), "backup", "error")));
  ASSERT_TRUE(Poll());
  const auto counts = Counts();
  EXPECT_TRUE(counts->baseline_complete);
  EXPECT_EQ(counts->watermark, kNow - seconds(5));
  EXPECT_EQ(counts->books.counted, 2U);
  EXPECT_EQ(counts->queues.at("backup")->completed[0], 1U);
  EXPECT_TRUE(Poller().Live().up);
  EXPECT_TRUE(telemetry_.arrivals.empty()) << "the baseline is left out";
}

TEST_F(AccountPollerTest, ReadsAnOverlapBehindTheWatermarkAndCountsItOnce) {
  completed_.push_back(Page(TaskJson(1, kNow - minutes(1))));
  ASSERT_TRUE(Poll());
  SetTime(kNow + minutes(1));
  completed_.push_back(
      Page(TaskJson(1, kNow - minutes(1)) + "," + TaskJson(2, kNow), server_time_));
  ASSERT_TRUE(Poll());
  EXPECT_NE(CompletedTargets().back().find("gt%282021-05-02T23%3A44%3A54.999999999Z%29"),
            std::string::npos)
      << CompletedTargets().back();
  EXPECT_EQ(Counts()->books.counted, 2U);
  EXPECT_EQ(Counts()->books.duplicate, 1U);
  EXPECT_EQ(telemetry_.arrivals, std::vector<std::chrono::nanoseconds>{minutes(1)});
}

TEST_F(AccountPollerTest, KeepsTheWatermarkWhenAPageFailsAndReadsHalfNext) {
  completed_.push_back(Page(TaskJson(1, kNow - hours(23)), kNow, "next"));
  completed_.push_back(Error{ErrorKind::kTimeout, "too slow"});
  const auto failed = Poll();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::kTimeout);
  EXPECT_FALSE(Counts()->baseline_complete);
  EXPECT_EQ(Counts()->books.counted, 1U) << "the page before the failure stays counted";
  EXPECT_FALSE(Poller().Live().up);

  transport_.requests.clear();
  completed_.push_back(Page(TaskJson(1, kNow - hours(23))));
  ASSERT_TRUE(Poll());
  const auto targets = CompletedTargets();
  ASSERT_EQ(targets.size(), 2U) << "half of the 23 hours that are left, then the rest";
  EXPECT_NE(targets[0].find("gt%282021-05-02T00%3A59%3A59.999999999Z%29"), std::string::npos)
      << targets[0];
  EXPECT_NE(targets[0].find("lt%282021-05-02T12%3A30%3A00Z%29"), std::string::npos) << targets[0];
  EXPECT_TRUE(Counts()->baseline_complete);
  EXPECT_EQ(Counts()->books.counted, 1U);
}

TEST_F(AccountPollerTest, KeepsTheFinishedSlicesWhenALaterOneFails) {
  completed_.push_back(Error{ErrorKind::kServerError, "500"});
  ASSERT_FALSE(Poll());
  completed_.push_back(Page(""));
  completed_.push_back(Error{ErrorKind::kServerError, "500"});
  ASSERT_FALSE(Poll());
  transport_.requests.clear();
  ASSERT_TRUE(Poll());
  EXPECT_NE(CompletedTargets()[0].find("gt%282021-05-02T11%3A59%3A59.999999999Z%29"),
            std::string::npos)
      << "the first half was read: " << CompletedTargets()[0];
}

TEST_F(AccountPollerTest, ReadsWhatLiesBehindASliceThatNeverWorks) {
  options_.start.value = std::chrono::nanoseconds(seconds(2));
  const std::string broken = "lt%282021-05-02T23%3A59%3A59Z%29";  // The first second.
  std::int64_t id = 0;
  transport_.handler = [&](const HttpRequest& request) -> Result<HttpResponse> {
    if (AsksForInFlight(request)) {
      return in_flight_;
    }
    const bool whole = request.target.find(broken) == std::string::npos &&
                       request.target.find("gt%282021-05-02T23%3A59%3A57") != std::string::npos;
    if (whole || request.target.find(broken) != std::string::npos) {
      return HttpResponse{.status = 500};
    }
    return Page(TaskJson(++id, server_time_ - seconds(1)), server_time_);
  };
  for (int minute = 0; minute < 30; ++minute) {
    ASSERT_FALSE(Poll());
    SetTime(server_time_ + minutes(1));
  }
  EXPECT_GE(Counts()->books.counted, 29U) << "the account goes on";
  EXPECT_FALSE(Counts()->baseline_complete) << "but says that it is stuck";
  const auto asked = CompletedTargets();
  EXPECT_NE(asked[asked.size() - 2].find("gt%282021-05-03T00%3A12%3A59"), std::string::npos)
      << "an overlap is read again, not everything: " << asked[asked.size() - 2];

  transport_.handler = [this](const HttpRequest& request) { return Answer(request); };
  ASSERT_TRUE(Poll());
  EXPECT_EQ(Counts()->watermark, server_time_ - seconds(5));
}

TEST_F(AccountPollerTest, GoesOnWithoutARefusedInFlightListing) {
  in_flight_ = HttpResponse{.status = 400, .body = R"({"error":{"message":"no"}})"};
  completed_.push_back(Page("", kNow));  // Tells the server's time.
  completed_.push_back(Page(TaskJson(1, kNow - hours(1))));
  ASSERT_TRUE(Poll());
  ASSERT_TRUE(Poll());
  EXPECT_EQ(Counts()->books.counted, 1U);
  EXPECT_EQ(Poller().Live().in_flight, nullptr);
  EXPECT_FALSE(Poller().Live().in_flight_complete);
  EXPECT_EQ(log_.Count("in-flight listing refused, its gauges are left out"), 1U);
}

TEST_F(AccountPollerTest, SaysOnceThatAServiceAnswersNothing) {
  const HttpResponse unwell{.status = 403};
  transport_.handler = [&](const HttpRequest&) -> Result<HttpResponse> { return unwell; };
  ASSERT_FALSE(Poll());
  ASSERT_FALSE(Poll());
  EXPECT_EQ(log_.Count("poll failed"), 1U);
  EXPECT_EQ(log_.Count("in-flight listing refused, its gauges are left out"), 0U);
}

TEST_F(AccountPollerTest, FailsTheCycleWhenTheServerCannotBeReached) {
  in_flight_ = Error{ErrorKind::kNetwork, "connection refused"};
  ASSERT_FALSE(Poll());
  EXPECT_EQ(transport_.requests.size(), 1U) << "no second attempt in the same cycle";
  EXPECT_EQ(telemetry_.polls, std::vector<std::optional<ErrorKind>>{ErrorKind::kNetwork});
}

TEST_F(AccountPollerTest, CountsWhatIsInFlightByQueueAndState) {
  in_flight_ = Page(WaitingJson(1, "backup", "enqueued", kNow - hours(2)) + "," +
                    WaitingJson(2, "backup", "enqueued", kNow - hours(1)) + "," +
                    WaitingJson(3, "backup", "started", kNow - hours(3)) + "," +
                    WaitingJson(4, "stuck", "paused", kNow - hours(9)));
  completed_.push_back(Page(TaskJson(5, kNow - hours(1), "idle")));
  ASSERT_TRUE(Poll());
  const auto live = Poller().Live();
  ASSERT_NE(live.in_flight, nullptr);
  EXPECT_TRUE(live.in_flight_complete);
  EXPECT_EQ(live.in_flight->at("backup")[0].tasks, 2U);
  EXPECT_EQ(live.in_flight->at("backup")[0].oldest_enqueued_at, kNow - hours(2));
  EXPECT_EQ(live.in_flight->at("backup")[2].tasks, 1U);
  EXPECT_EQ(live.in_flight->at("stuck")[3].tasks, 1U);
  EXPECT_EQ(live.in_flight->at("idle")[0].tasks, 0U) << "a queue the ledger knows shows zeros";
  EXPECT_TRUE(Counts()->queues.contains("stuck")) << "born when it was met in flight";
}

TEST_F(AccountPollerTest, CutsAnEndlessInFlightListing) {
  int page = 0;
  transport_.handler = [&](const HttpRequest& request) -> Result<HttpResponse> {
    const bool later = request.target.find("after=") != std::string::npos;
    if (AsksForInFlight(request) || later) {
      ++page;
      return Page(WaitingJson(page, "backup", "enqueued", kNow), kNow, "c" + std::to_string(page));
    }
    return Page("");
  };
  ASSERT_TRUE(Poll());
  EXPECT_EQ(page, 20);
  EXPECT_FALSE(Poller().Live().in_flight_complete);
  EXPECT_EQ(Poller().Live().in_flight->at("backup")[0].tasks, 20U);
}

TEST_F(AccountPollerTest, NotesOnceWhatWasRemovedDuringALongAbsence) {
  options_.retention = hours(100);
  completed_.push_back(Page(TaskJson(1, kNow - hours(1))));
  ASSERT_TRUE(Poll());
  SetTime(kNow + hours(150));
  completed_.push_back(Page(TaskJson(7, server_time_ - hours(90)), server_time_));  // The oldest.
  ASSERT_TRUE(Poll());
  EXPECT_NE(CompletedTargets()[1].find("order=asc%28completedAt%29&limit=1"), std::string::npos)
      << CompletedTargets()[1];
  // From the watermark, 5 s behind the first poll, to where the retention begins.
  const auto gap = hours(50) + seconds(5);
  EXPECT_EQ(Counts()->data_gap, gap);
  EXPECT_EQ(log_.Count("tasks were removed by the service before they could be read"), 1U);
  ASSERT_TRUE(Poll());
  EXPECT_EQ(Counts()->data_gap, gap);
  EXPECT_EQ(CompletedTargets().size(), 4U) << "it is not asked again";
}

TEST_F(AccountPollerTest, FindsNoGapAfterAnAbsenceInWhichNothingWasRemoved) {
  completed_.push_back(Page(TaskJson(1, kNow - hours(1))));
  ASSERT_TRUE(Poll());
  SetTime(kNow + hours(150));
  completed_.push_back(Page(TaskJson(1, kNow - hours(1)), server_time_));
  ASSERT_TRUE(Poll());
  EXPECT_EQ(Counts()->data_gap, seconds(0));
  EXPECT_EQ(Counts()->watermark, server_time_ - seconds(5));
}

TEST_F(AccountPollerTest, AsksNothingOfTheServiceWhileTheStoreRests) {
  ASSERT_TRUE(Poll());
  ledger_->Close();
  SetTime(kNow + minutes(1));
  ASSERT_FALSE(Poll());
  EXPECT_EQ(telemetry_.polls.back(), ErrorKind::kStore);
  transport_.requests.clear();
  ASSERT_FALSE(Poll());
  EXPECT_EQ(transport_.requests.size(), 0U);
  EXPECT_FALSE(Poller().Live().up);
}

TEST_F(AccountPollerTest, ShowsWaitingTasksOfTooManyQueuesUnderOther) {
  ledger_.Options().rules.queue_limit = 1;
  ledger_.Reopen();
  completed_.push_back(Page(TaskJson(5, kNow - hours(1), "a")));
  ASSERT_TRUE(Poll());
  in_flight_ = Page(WaitingJson(1, "a", "enqueued", kNow - hours(2)) + "," +
                    WaitingJson(2, "b", "enqueued", kNow - hours(3)) + "," +
                    WaitingJson(3, "c", "enqueued", kNow - hours(4)));
  ASSERT_TRUE(Poll());
  const auto live = Poller().Live();
  ASSERT_EQ(live.in_flight->size(), 2U);
  EXPECT_EQ(live.in_flight->at("_other")[0].tasks, 2U);
  EXPECT_EQ(live.in_flight->at("_other")[0].oldest_enqueued_at, kNow - hours(4));
  EXPECT_TRUE(Counts()->queues.contains("_other"));
}

TEST_F(AccountPollerTest, MakesNoSeriesOfDisplayNames) {
  const auto named = [](int id, const std::string& name) {
    std::string json = TaskJson(id, kNow - hours(1));
    json.insert(json.size() - 1, R"(,"tenant":{"name":")" + name + R"("},"policy":{"name":")" +
                                     name + R"("},"resource":{"name":")" + name + "\"}");
    return json;
  };
  completed_.push_back(Page(named(1, "before") + "," + named(2, "after")));
  ASSERT_TRUE(Poll());
  EXPECT_EQ(Counts()->queues.size(), 1U);
  EXPECT_EQ(Counts()->books.counted, 2U);
}

TEST_F(AccountPollerTest, DoesNotMoveTheWatermarkOnAServerClockThatJumped) {
  ASSERT_TRUE(Poll());
  const auto before = Counts()->watermark;
  in_flight_ = Page("", kNow + hours(1000));
  ASSERT_TRUE(Poll());
  EXPECT_EQ(Counts()->watermark, before);
  ASSERT_TRUE(Poll());
  ASSERT_TRUE(Poll());
  EXPECT_EQ(Counts()->watermark, kNow + hours(1000) - seconds(5));
}

TEST_F(AccountPollerTest, LogsAFailureOncePerChangeOfState) {
  in_flight_ = Error{ErrorKind::kNetwork, "connection refused"};
  ASSERT_FALSE(Poll());
  ASSERT_FALSE(Poll());
  EXPECT_EQ(log_.Count("poll failed"), 1U);
  in_flight_ = Page("");
  ASSERT_TRUE(Poll());
  ASSERT_TRUE(Poll());
  EXPECT_EQ(log_.Count("poll works again"), 1U);
}

TEST_F(AccountPollerTest, IsNotFailedByBeingStopped) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(Poller().PollOnce(stop.get_token()));
  EXPECT_TRUE(telemetry_.polls.empty());
}

TEST_F(AccountPollerTest, CountsANewResultCodeAsUnknownAndLogsItOnce) {
  completed_.push_back(Page(TaskJson(1, kNow - hours(2), "backup", "skipped") + "," +
                            TaskJson(2, kNow - hours(1), "backup", "skipped")));
  ASSERT_TRUE(Poll());
  EXPECT_EQ(Counts()->queues.at("backup")->completed.back(), 2U);
  EXPECT_EQ(log_.Count("new result code, counted as unknown"), 1U);
}

TEST_F(AccountPollerTest, GivesATaskWithoutAQueueItsOwnLabel) {
  completed_.push_back(Page(TaskJson(1, kNow - hours(2), "")));
  ASSERT_TRUE(Poll());
  EXPECT_TRUE(Counts()->queues.contains("_none"));
}

TEST_F(AccountPollerTest, ReportsAQueueWhoseNameWasNotValidUtf8) {
  completed_.push_back(
      Page(TaskJson(1, kNow - hours(2), "B\xFCro") + "," + TaskJson(2, kNow - hours(2), "backup")));
  in_flight_ = Page(WaitingJson(3, "B\xFCro", "started", kNow - hours(1)));
  ASSERT_TRUE(Poll());
  EXPECT_TRUE(Counts()->queues.contains("B\xEF\xBF\xBDro"));
  EXPECT_EQ(telemetry_.repaired, (std::vector<std::string>{"queue", "queue"}));
}

TEST_F(AccountPollerTest, TakesAReplacementThatTheServerSentAsItIs) {
  completed_.push_back(Page(TaskJson(1, kNow - hours(2), "B\xEF\xBF\xBDro")));
  ASSERT_TRUE(Poll());
  EXPECT_TRUE(telemetry_.repaired.empty());
}

TEST_F(AccountPollerTest, ReadsByUpdateTimeInOneOpenWalk) {
  options_.field = PollField::kUpdatedAt;
  ASSERT_TRUE(Poll());
  EXPECT_NE(CompletedTargets()[0].find("updatedAt=ge%282021-05-02T00%3A00%3A00Z%29&order=asc%28"
                                       "updatedAt%29"),
            std::string::npos)
      << CompletedTargets()[0];
  EXPECT_EQ(CompletedTargets()[0].find("completedAt"), std::string::npos);
}

TEST_F(AccountPollerTest, SweepsFromTheStartWithoutAnEndAndForgetsBehindTheSecondOne) {
  options_.start.value = std::chrono::nanoseconds(hours(1));
  options_.sweep_window = hours(2);
  ASSERT_TRUE(Poll());
  EXPECT_FALSE(Poller().SweepWanted());

  SetTime(kNow + hours(6));
  ASSERT_TRUE(Poll());
  ASSERT_TRUE(Poller().SweepWanted());
  transport_.requests.clear();
  // A task of before the watermark that appeared late, and one dated in the future.
  completed_.push_back(
      Page(TaskJson(1, kNow + hours(4)) + "," + TaskJson(2, kNow + hours(99)), server_time_));
  Poller().SweepOnce({});
  EXPECT_FALSE(Poller().SweepWanted());
  ASSERT_EQ(CompletedTargets().size(), 2U);
  EXPECT_NE(CompletedTargets()[0].find("gt%282021-05-02T22%3A59%3A59.999999999Z%29&"
                                       "completedAt=lt%282021-05-03T06%3A00%3A00Z%29"),
            std::string::npos)
      << CompletedTargets()[0];
  EXPECT_NE(CompletedTargets()[1].find("gt%282021-05-03T05%3A59%3A59.999999999Z%29&order"),
            std::string::npos)
      << CompletedTargets()[1];
  EXPECT_EQ(Counts()->books.counted, 2U);
  EXPECT_EQ(Counts()->books.late, 1U);
  EXPECT_EQ(Counts()->dedupe_entries, 2U);

  SetTime(kNow + hours(12));
  ASSERT_TRUE(Poll());
  Poller().SweepOnce({});
  EXPECT_EQ(Counts()->dedupe_entries, 1U) << "below the horizon: hour 12 - 2 - 1";
}

TEST_F(AccountPollerTest, RestsAFailedSweepUntilThePollAfter) {
  ASSERT_TRUE(Poll());
  SetTime(kNow + hours(6));
  ASSERT_TRUE(Poll());
  completed_.push_back(Error{ErrorKind::kServerError, "500"});
  Poller().SweepOnce({});
  EXPECT_FALSE(Poller().SweepWanted());
  EXPECT_EQ(log_.Count("sweep failed, retried after the next poll"), 1U);
  EXPECT_TRUE(Poller().Live().up) << "a sweep is no poll cycle";

  SetTime(kNow + hours(6) + minutes(1));
  ASSERT_TRUE(Poll());
  ASSERT_TRUE(Poller().SweepWanted());
  for (int page = 0; page < 10 && Poller().SweepWanted(); ++page) {
    Poller().SweepOnce({});
  }
  EXPECT_FALSE(Poller().SweepWanted());
}

/// When the completed-task query was sent in the first hour.
class AccountLoopTest : public AccountPollerTest {
 protected:
  std::string MinutesOfPolls(Result<HttpResponse> reply) {
    std::stop_source stop;
    std::string polls;
    std::optional<MonotonicTime> began;
    transport_.handler = [&](const HttpRequest& request) -> Result<HttpResponse> {
      if (AsksForInFlight(request)) {
        return Page("");
      }
      began = began ? began : clock_.monotonic;
      const auto minute = std::chrono::floor<std::chrono::minutes>(clock_.monotonic - *began);
      polls += std::to_string(minute.count()) + " ";
      if (minute >= hours(1)) {
        stop.request_stop();
      }
      return reply;
    };
    RunAccount(Poller(), clock_, {}, stop.get_token());
    return polls;
  }
};

TEST_F(AccountLoopTest, SlowsDownWhileTheServerDoesNotLikeTheQuestion) {
  EXPECT_EQ(MinutesOfPolls(HttpResponse{.status = 403}), "0 2 6 14 29 44 59 74 ");
}

TEST_F(AccountLoopTest, KeepsItsPaceWhileTheServerIsOnlyBroken) {
  options_.interval = minutes(10);
  EXPECT_EQ(MinutesOfPolls(HttpResponse{.status = 500}), "0 10 10 20 20 30 30 40 40 50 50 60 ")
      << "a new slice, and one that failed";
}

}  // namespace
}  // namespace acronis::poll
