#include "plugin/api/traffic.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/api/task_client.h"
#include "plugin/api/token_source.h"
#include "tests/fakes/call_recorder.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/recording_logger.h"
#include "tests/fakes/scripted_transport.h"

namespace acronis::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

class OneToken final : public TokenSource {
 public:
  Result<Secret> Token(const CallBounds& /*bounds*/) override { return Secret("t"); }
  void Refused(const Secret& /*token*/) override {}
};

HttpResponse Page() {
  return {.status = 200, .body = R"({"items":[]})"};
}

HttpResponse Refusal(int status, const std::string& message, const std::string& retry_after = "") {
  HttpResponse response{.status = status, .body = R"({"error":{"message":")" + message + R"("}})"};
  if (!retry_after.empty()) {
    response.headers.emplace_back("Retry-After", retry_after);
  }
  return response;
}

/// A session of an account, and the traffic that it shares.
class TrafficTest : public ::testing::Test {
 protected:
  TrafficTest() {
    traffic_.BeginCycle();
    EXPECT_TRUE(query_.AddFilter("state", "completed"));
    EXPECT_TRUE(query_.SetOrder("asc(completedAt)"));
  }

  Result<TaskPage> Fetch(const CallBounds& bounds = {}) {
    return client_.FetchPage(query_, std::nullopt, PageUse::kCounting, bounds);
  }
  std::size_t Requests() const { return transport_.requests.size(); }
  /// How often `call` was reported.
  std::ptrdiff_t Count(const std::string& call) const {
    const auto calls = calls_.Calls();
    return std::count(calls.begin(), calls.end(), call);
  }

  test::FakeClock clock_;
  fakes::CallRecorder calls_;
  fakes::RecordingLogger log_;
  fakes::ScriptedTransport transport_;
  OneToken tokens_;
  Traffic traffic_{"emea", 600, {clock_, log_, calls_, [] { return 0.5; }}};
  TaskClient client_{"emea", {transport_, tokens_, clock_, log_, calls_, &traffic_}};
  TaskQuery query_;
};

/// With the real source of tokens.
class TokenTrafficTest : public TrafficTest {
 protected:
  TokenTrafficTest() {
    transport_.handler = [this](const HttpRequest& request) -> Result<HttpResponse> {
      return request.method == "POST" ? token_ : page_;
    };
  }

  std::ptrdiff_t TokenRequests() const {
    return std::ranges::count(transport_.requests, "POST", &HttpRequest::method);
  }
  Result<TaskPage> FetchWithToken(const std::optional<std::string>& cursor = std::nullopt) {
    return reader_.FetchPage(query_, cursor, PageUse::kCounting, {});
  }

  Result<HttpResponse> token_ = Refusal(500, "down");
  Result<HttpResponse> page_ = Page();
  OAuthTokenSource source_{{.account = "emea", .client_id = "id", .secret = Secret("s")},
                           {transport_, clock_, calls_, &log_, &traffic_}};
  TaskClient reader_{"emea", {transport_, source_, clock_, log_, calls_, &traffic_}};
};

TEST_F(TokenTrafficTest, AsksForATokenThreeTimesACycleWhileItsEndpointIsDown) {
  EXPECT_EQ(FetchWithToken().error().kind, ErrorKind::kServerError);
  EXPECT_EQ(TokenRequests(), 3) << "as any request; who wants the token does not try again, too";
  EXPECT_EQ(FetchWithToken().error().kind, ErrorKind::kServerError);
  EXPECT_EQ(TokenRequests(), 3);
  EXPECT_EQ(Count("retried emea server_error"), 2);
  traffic_.BeginCycle();
  token_ = HttpResponse{.status = 200, .body = R"({"access_token":"t","expires_on":9999999999})"};
  EXPECT_TRUE(FetchWithToken());
  EXPECT_EQ(TokenRequests(), 4);
}

TEST_F(TokenTrafficTest, KeepsATokenThatIsGoodWhileTheRenewalFails) {
  const auto end = std::chrono::floor<seconds>(clock_.Now() + minutes(20)).time_since_epoch();
  token_ = HttpResponse{
      .status = 200,
      .body = R"({"access_token":"t","expires_on":)" + std::to_string(end.count()) + "}"};
  ASSERT_TRUE(FetchWithToken());
  token_ = Refusal(500, "down");
  clock_.Advance(minutes(12));
  EXPECT_TRUE(FetchWithToken());
  clock_.Advance(minutes(2));
  EXPECT_TRUE(FetchWithToken());
  EXPECT_EQ(TokenRequests(), 7) << "a minute later it is worth another try";
}

TEST_F(TokenTrafficTest, IsNoMatterOfTheCursorWhenTheTokenIsRefused) {
  token_ = Refusal(400, "unknown client");
  EXPECT_EQ(FetchWithToken("cursor").error().kind, ErrorKind::kAuth);
}

TEST_F(TrafficTest, RepeatsAServerErrorTwice) {
  transport_.AnswerInTurn({Refusal(502, "bad"), Refusal(500, "bad"), Page()});
  ASSERT_TRUE(Fetch());
  EXPECT_EQ(clock_.Sleeps(), (std::vector<nanoseconds>{milliseconds(1500), milliseconds(1500)}));
  EXPECT_EQ(Count("retried emea server_error"), 2);

  transport_.AnswerInTurn({Refusal(500, "bad")});
  EXPECT_EQ(Fetch().error().kind, ErrorKind::kServerError);
  EXPECT_EQ(Requests(), 6U);
}

TEST_F(TrafficTest, WaitsAsLongAsTheServerAsksAndCountsIt) {
  transport_.AnswerInTurn({Refusal(429, "slow down", "7"), Refusal(503, "later", "9"), Page()});
  ASSERT_TRUE(Fetch());
  EXPECT_EQ(clock_.Sleeps(), (std::vector<nanoseconds>{seconds(7), seconds(9)}));
  EXPECT_EQ(Count("retried emea rate_limited"), 2);
  EXPECT_EQ(Count("throttled emea 7000000000"), 1);
  EXPECT_EQ(Count("throttled emea 9000000000"), 1);
  EXPECT_EQ(traffic_.TimesThrottled(), 2U);
}

TEST_F(TrafficTest, LeavesTheServerAloneAfterTheCycleGaveUp) {
  transport_.AnswerInTurn({Refusal(429, "slow down", "200")});
  EXPECT_EQ(Fetch().error().kind, ErrorKind::kRateLimited);
  EXPECT_EQ(Requests(), 2U) << "a second wait of 200 s is more than a cycle may spend";
  const auto gave_up_at = clock_.Monotonic();
  traffic_.BeginCycle();
  transport_.AnswerInTurn({Page()});
  ASSERT_TRUE(Fetch());
  EXPECT_EQ(clock_.Monotonic() - gave_up_at, seconds(200));
}

TEST_F(TrafficTest, DoesNotRepeatTheFirstRequestOfACycleThatFoundNobody) {
  EXPECT_EQ(Fetch().error().kind, ErrorKind::kNetwork);
  EXPECT_EQ(Requests(), 1U);
}

TEST_F(TrafficTest, RepeatsBrokenTransfersOnceSomethingWorkedButNotForEver) {
  transport_.AnswerInTurn(
      {Page(), Error{ErrorKind::kNetwork, "reset"}, Page(), Error{ErrorKind::kNetwork, "reset"}});
  ASSERT_TRUE(Fetch());
  ASSERT_TRUE(Fetch());
  EXPECT_FALSE(Fetch());
  EXPECT_EQ(Count("retried emea network"), kTransferRetries);
  const auto before = Requests();
  EXPECT_FALSE(Fetch());
  EXPECT_EQ(Requests(), before + 1) << "the budget is spent";
  traffic_.BeginCycle();
  EXPECT_FALSE(Fetch());
  EXPECT_EQ(Requests(), before + 2) << "in the next cycle nothing worked yet";
}

TEST_F(TrafficTest, DoesNotWaitLongerThanTheCallerHasTime) {
  transport_.AnswerInTurn({Refusal(429, "slow down", "60"), Page()});
  EXPECT_FALSE(Fetch({{}, clock_.Monotonic() + seconds(30)}));
  EXPECT_TRUE(clock_.Sleeps().empty());
  EXPECT_EQ(Requests(), 1U);
  EXPECT_EQ(transport_.requests.front().timeout, seconds(30));
  const auto cancelled = Fetch({{}, clock_.Monotonic() + seconds(30)});
  EXPECT_EQ(cancelled.error().kind, ErrorKind::kCancelled);
  EXPECT_EQ(Requests(), 1U);
}

TEST_F(TrafficTest, LeavesAnOrderOutThatTheServerRefuses) {
  transport_.handler = [](const HttpRequest& request) -> Result<HttpResponse> {
    return request.target.find("order=") == std::string::npos
               ? Page()
               : Refusal(400, "parameter 'order' is not supported");
  };
  ASSERT_TRUE(Fetch());
  ASSERT_TRUE(Fetch());
  EXPECT_EQ(Requests(), 3U) << "it is remembered";
  EXPECT_FALSE(client_.ServerSorts());
  const auto lines = log_.Texts();
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                          [](const std::string& line) { return line.starts_with("WARN"); }),
            1);
}

TEST_F(TrafficTest, HalvesALimitUntilTheServerTakesIt) {
  transport_.handler = [](const HttpRequest& request) -> Result<HttpResponse> {
    return request.target.ends_with("limit=125") ? Page() : Refusal(400, "Limit is too large");
  };
  ASSERT_TRUE(Fetch());
  EXPECT_EQ(Requests(), 3U) << "500, 250, 125";
  ASSERT_TRUE(client_.FetchPage(query_, std::nullopt, PageUse::kCounting, {}));
  EXPECT_EQ(Requests(), 4U) << "it is remembered";
  EXPECT_TRUE(client_.ServerSorts());
}

TEST_F(TrafficTest, GivesUpOnALimitThatIsNeverTaken) {
  transport_.AnswerInTurn({Refusal(400, "bad limit")});
  EXPECT_EQ(Fetch().error().kind, ErrorKind::kBadRequest);
  EXPECT_EQ(Requests(), 9U) << "500, 250, 125, 62, 31, 15, 7, 3, 1";
}

TEST_F(TrafficTest, LearnsNothingFromOtherRefusals) {
  for (const char* const text : {"bad field in unlimited orders", "borderline", "no"}) {
    transport_.AnswerInTurn({Refusal(400, text)});
    EXPECT_FALSE(Fetch());
  }
  transport_.AnswerInTurn({Refusal(403, "order and limit are forbidden")});
  EXPECT_FALSE(Fetch());
  EXPECT_EQ(Requests(), 4U);
  EXPECT_TRUE(client_.ServerSorts());
}

TEST_F(TrafficTest, LogsWhatFailsOverAndOverOnce) {
  transport_.AnswerInTurn(
      {Refusal(403, "no"), Refusal(403, "no"), Refusal(404, "no"), Page(), Refusal(403, "no")});
  for (int i = 0; i < 5; ++i) {
    static_cast<void>(Fetch());
  }
  std::string levels;
  for (const std::string& line : log_.Texts()) {
    levels += line.substr(0, line.find(' ')) + " ";
  }
  EXPECT_EQ(levels, "INFO DEBUG INFO INFO ");
}

}  // namespace
}  // namespace acronis::api
