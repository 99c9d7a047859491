#include "plugin/api/task_client.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/core/time_format.h"
#include "tests/fakes/call_recorder.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/recording_logger.h"
#include "tests/fakes/scripted_transport.h"

namespace acronis::api {
namespace {

using fakes::HeaderOf;

/// Gives `t1`, and the next one each time a token is refused.
class CountingTokens final : public TokenSource {
 public:
  Result<Secret> Token(const api::CallBounds& /*bounds*/) override {
    if (failure_) {
      return *failure_;
    }
    return Secret(prefix_ + std::to_string(number_));
  }
  void Refused(const Secret& token) override {
    refused_.push_back(token.Reveal());
    ++number_;
  }

  std::string prefix_ = "t";
  std::vector<std::string> refused_;
  std::optional<Error> failure_;
  int number_ = 1;
};

HttpResponse Json(int status, const std::string& body) {
  return {status,
          {{"Content-Type", "application/json"},
           {"Date", "Wed, 22 Apr 2020 11:00:00 GMT"},
           {"X-Int-Request-ID", "c8xid"}},
          body};
}

HttpResponse Page(const std::string& items, const std::string& after = "") {
  return Json(200, R"({"items":[)" + items + R"(],"timeStamp":"2020-04-22T11:00:00.5Z","paging":)" +
                       R"({"cursors":{"after":")" + after + R"("}}})");
}

std::string Item(int id) {
  return R"({"id":)" + std::to_string(id) +
         R"(,"state":"completed","completedAt":"2020-04-22T10:00:00Z"})";
}

class TaskClientTest : public ::testing::Test {
 protected:
  Result<TaskPage> Fetch(const std::optional<std::string>& cursor = std::nullopt,
                         PageUse use = PageUse::kCounting) {
    return client_.FetchPage(query_, cursor, use, {});
  }
  static Error ErrorOf(const Result<TaskPage>& page) {
    return page ? Error{ErrorKind::kStore, "no error at all"} : page.error();
  }

  test::FakeClock clock_{test::FakeClock::OnSleep::kAdvance, *ParseRfc3339("2020-04-22T10:59:58Z")};
  fakes::RecordingLogger log_;
  fakes::CallRecorder calls_;
  fakes::ScriptedTransport transport_;
  CountingTokens tokens_;
  TaskQuery query_;
  TaskClient client_{"emea", {transport_, tokens_, clock_, log_, calls_}};
};

TEST_F(TaskClientTest, SendsTokenAndAFreshRequestIdEachTime) {
  transport_.AnswerInTurn({Page(Item(1))});
  ASSERT_TRUE(Fetch());
  ASSERT_TRUE(Fetch());
  std::set<std::string> ids;
  for (const auto& request : transport_.requests) {
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.target, query_.FirstPageTarget());
    EXPECT_EQ(HeaderOf(request, "Authorization"), "Bearer t1");
    EXPECT_EQ(HeaderOf(request, "Accept"), "application/json");
    EXPECT_EQ(HeaderOf(request, "X-Request-ID").size(), 36U);
    ids.insert(HeaderOf(request, "X-Request-ID"));
  }
  EXPECT_EQ(ids.size(), 2U);
}

TEST_F(TaskClientTest, AsksForALaterPageWithLimitAndCursorAlone) {
  transport_.AnswerInTurn({Page(Item(1))});
  ASSERT_TRUE(query_.AddFilter("state", "completed"));
  ASSERT_TRUE(Fetch("c+1"));
  EXPECT_EQ(transport_.requests.front().target, "/api/task_manager/v2/tasks?limit=500&after=c%2B1");
}

TEST_F(TaskClientTest, ReportsRequestSkewAndPage) {
  const auto page = Page(Item(1));
  transport_.AnswerInTurn({page});
  ASSERT_TRUE(Fetch());
  EXPECT_EQ(calls_.Calls(),
            (std::vector<std::string>{"request emea tasks 200 " + std::to_string(page.body.size()),
                                      "skew emea 2000000000", "page emea"}));
  EXPECT_TRUE(log_.Texts().empty());
}

TEST_F(TaskClientTest, TakesTheSmallerServerTime) {
  transport_.AnswerInTurn({Page("")});
  EXPECT_EQ(Fetch()->server_time, ParseRfc3339("2020-04-22T11:00:00Z"));
  transport_.AnswerInTurn({Json(200, R"({"items":[],"timeStamp":"2020-04-22T10:00:00Z"})")});
  EXPECT_EQ(Fetch()->server_time, ParseRfc3339("2020-04-22T10:00:00Z"));
  transport_.AnswerInTurn({HttpResponse{200, {}, R"({"items":[]})"}});
  EXPECT_EQ(Fetch()->server_time, std::nullopt);
}

TEST_F(TaskClientTest, RenewsARefusedTokenAndRepeatsOnce) {
  transport_.AnswerInTurn({Json(401, ""), Page(Item(1))});
  EXPECT_TRUE(Fetch());
  ASSERT_EQ(transport_.requests.size(), 2U);
  EXPECT_EQ(HeaderOf(transport_.requests[1], "Authorization"), "Bearer t2");
  EXPECT_EQ(tokens_.refused_, std::vector<std::string>{"t1"});
  EXPECT_EQ(calls_.Calls()[2], "retried emea auth");
}

TEST_F(TaskClientTest, GivesUpWhenTheSecondTokenIsRefusedToo) {
  transport_.AnswerInTurn({Json(401, R"({"error":{"message":"Authentication has failed."}})")});
  const Error error = ErrorOf(Fetch());
  EXPECT_EQ(error.kind, ErrorKind::kAuth);
  EXPECT_NE(error.message.find("Authentication has failed."), std::string::npos);
  EXPECT_EQ(transport_.requests.size(), 2U);
}

TEST_F(TaskClientTest, SendsNothingWithoutAToken) {
  tokens_.failure_ = Error{ErrorKind::kAuth, "bad secret"};
  EXPECT_EQ(ErrorOf(Fetch()).message, "bad secret");
  EXPECT_TRUE(transport_.requests.empty());
}

TEST_F(TaskClientTest, LogsBothRequestIdsOfAFailureAndNoToken) {
  transport_.AnswerInTurn({Json(500, R"({"message":"Internal error."})")});
  EXPECT_EQ(ErrorOf(Fetch()).kind, ErrorKind::kServerError);
  const std::string log = log_.Texts().at(0);
  EXPECT_NE(log.find("request_id=" + HeaderOf(transport_.requests[0], "X-Request-ID")),
            std::string::npos)
      << log;
  EXPECT_NE(log.find("server_request_id=c8xid"), std::string::npos) << log;
  EXPECT_EQ(log.find("t1"), std::string::npos);
}

TEST_F(TaskClientTest, ShowsNothingOfATokenThatTheServerRepeats) {
  tokens_.prefix_ = "bearer-token-";
  for (const auto& [status, type] : {std::pair(500, "text/plain"), std::pair(200, "text/")}) {
    transport_.handler = [status = status, type = std::string(type)](const HttpRequest& request) {
      const std::string sent = HeaderOf(request, "Authorization");
      return HttpResponse{
          status, {{"Content-Type", type + sent}, {"X-Int-Request-ID", sent}}, sent};
    };
    const std::string told = ErrorOf(Fetch()).message;
    EXPECT_NE(told.find("Bearer ***"), std::string::npos) << told;
    EXPECT_EQ(told.find("bearer-token-"), std::string::npos) << told;
  }
  for (const std::string& line : log_.Texts()) {
    EXPECT_EQ(line.find("bearer-token-"), std::string::npos) << line;
  }
}

TEST_F(TaskClientTest, ReportsEveryRepairedPageAndWarnsOnce) {
  const auto broken = Page(R"({"id":2,"queue":")"
                           "\xFC"
                           R"("},)" +
                           Item(1));
  transport_.AnswerInTurn({broken, Page(Item(1)), broken});
  for (int request = 0; request < 3; ++request) {
    ASSERT_TRUE(Fetch());
  }
  const auto calls = calls_.Calls();
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "repaired emea"), 2);
  std::vector<std::string> lines;
  for (const auto& line : log_.Texts()) {
    if (line.find("not valid UTF-8") != std::string::npos) {
      lines.push_back(line);
    }
  }
  const std::string text =
      " task page was not valid UTF-8 and was repaired account=emea replacements=1";
  EXPECT_EQ(lines, (std::vector<std::string>{"WARN" + text, "DEBUG" + text}));
}

TEST_F(TaskClientTest, LogsTheRequestIdWhenNoAnswerCame) {
  transport_.AnswerInTurn({Error{ErrorKind::kTimeout, "too slow"}});
  transport_.received_by_failure = 123;
  EXPECT_EQ(ErrorOf(Fetch()).kind, ErrorKind::kTimeout);
  EXPECT_NE(log_.Texts().at(0).find(HeaderOf(transport_.requests[0], "X-Request-ID")),
            std::string::npos);
  EXPECT_EQ(calls_.Calls(), std::vector<std::string>{"request emea tasks 0 123"});
}

TEST_F(TaskClientTest, LogsIdsOfAPageThatCannotBeRead) {
  transport_.AnswerInTurn({Json(200, R"({"items":null})")});
  EXPECT_EQ(ErrorOf(Fetch()).kind, ErrorKind::kInvalidResponse);
  EXPECT_NE(log_.Texts().at(0).find("server_request_id=c8xid"), std::string::npos);
}

TEST_F(TaskClientTest, IsSilentWhenStopped) {
  std::stop_source stop;
  stop.request_stop();
  const auto page = client_.FetchPage(query_, {}, PageUse::kCounting, stop.get_token());
  EXPECT_EQ(ErrorOf(page).kind, ErrorKind::kCancelled);
  EXPECT_TRUE(calls_.Calls().empty());
  EXPECT_TRUE(log_.Texts().empty());
}

TEST_F(TaskClientTest, RefusesAnHtmlPageWithStatus200) {
  transport_.AnswerInTurn({HttpResponse{
      200, {{"Content-Type", "text/html; charset=utf-8"}}, "<html><title>Sign in</title></html>"}});
  const Error error = ErrorOf(Fetch());
  EXPECT_EQ(error.kind, ErrorKind::kInvalidResponse);
  EXPECT_NE(error.message.find("text/html"), std::string::npos);
  EXPECT_NE(error.message.find("Sign in"), std::string::npos);
}

TEST_F(TaskClientTest, PassesRetryAfterOn) {
  auto busy = Json(503, "");
  busy.headers.emplace_back("Retry-After", "7");
  transport_.AnswerInTurn({busy});
  const Error error = ErrorOf(Fetch());
  EXPECT_EQ(error.kind, ErrorKind::kRateLimited);
  EXPECT_EQ(error.retry_after, std::chrono::seconds(7));
}

class RefusedCursorTest : public TaskClientTest, public ::testing::WithParamInterface<int> {};

TEST_P(RefusedCursorTest, IsToldFromARefusedQuery) {
  transport_.AnswerInTurn({Json(GetParam(), R"({"message":"bad cursor"})")});
  EXPECT_EQ(ErrorOf(Fetch("c")).kind, ErrorKind::kCursor);
  EXPECT_NE(ErrorOf(Fetch()).kind, ErrorKind::kCursor);
}

INSTANTIATE_TEST_SUITE_P(Statuses, RefusedCursorTest, ::testing::Values(400, 404, 410),
                         [](const auto& instance) { return std::to_string(instance.param); });

TEST_F(TaskClientTest, LogsAnInvalidRecordOnce) {
  transport_.AnswerInTurn({Page(R"({"id":7,"state":"started"},{"uuid":"x"},)" + Item(1))});
  for (int i = 0; i < 3; ++i) {
    const auto page = Fetch();
    ASSERT_TRUE(page);
    EXPECT_EQ(page->invalid.size(), 2U);
    EXPECT_EQ(page->tasks.size(), 1U);
  }
  EXPECT_EQ(log_.Texts(),
            (std::vector<std::string>{
                "WARN task record cannot be used account=emea id=7 reason=state is not completed",
                "WARN task record cannot be used account=emea id= reason=no usable id"}));
}

TEST_F(TaskClientTest, FallsSilentAfterAThousandInvalidRecords) {
  std::string items;
  for (int id = 1; id <= 1500; ++id) {
    items += (id > 1 ? "," : "") + (R"({"id":)" + std::to_string(id) + "}");
  }
  transport_.AnswerInTurn({Page(items)});
  ASSERT_TRUE(Fetch());
  EXPECT_EQ(log_.Texts().size(), 1000U);
}

TEST_F(TaskClientTest, WaitsForTheLimiter) {
  Traffic traffic("emea", 1, {clock_, log_, calls_, [] { return 0.0; }});
  TaskClient client("emea", {transport_, tokens_, clock_, log_, calls_, &traffic});
  transport_.AnswerInTurn({Page("")});
  ASSERT_TRUE(client.FetchPage(query_, {}, PageUse::kCounting, {}));
  ASSERT_TRUE(client.FetchPage(query_, {}, PageUse::kCounting, {}));
  EXPECT_EQ(clock_.Sleeps().size(), 1U);
}

class TaskWalkTest : public TaskClientTest {
 protected:
  /// The ids of all pages in order; the error's kind at the end if there was one.
  std::string Walk(std::uint64_t max_pages = 100) {
    TaskWalk walk(client_, query_, PageUse::kCounting, max_pages);
    std::string seen;
    for (;;) {
      const auto page = walk.Next({});
      if (!page) {
        EXPECT_FALSE(walk.Next({})->has_value()) << "a walk goes on after an error";
        return seen + std::string(ToLabel(page.error().kind));
      }
      if (!*page) {
        return seen + "end";
      }
      for (const auto& task : (*page)->tasks) {
        seen += std::to_string(task.id) + " ";
      }
      seen += "| ";
    }
  }
};

TEST_F(TaskWalkTest, FollowsCursorsToTheEnd) {
  transport_.AnswerInTurn({Page(Item(1), "a"), Page(Item(2), "b"), Page(Item(3))});
  EXPECT_EQ(Walk(), "1 | 2 | 3 | end");
  EXPECT_EQ(transport_.requests[0].target, query_.FirstPageTarget());
  EXPECT_EQ(transport_.requests[1].target, query_.NextPageTarget("a"));
  EXPECT_EQ(transport_.requests[2].target, query_.NextPageTarget("b"));
  EXPECT_EQ(transport_.requests.size(), 3U);
}

TEST_F(TaskWalkTest, FollowsAnEmptyPageWithACursor) {
  transport_.AnswerInTurn({Page("", "a"), Page(Item(2))});
  EXPECT_EQ(Walk(), "| 2 | end");
}

TEST_F(TaskWalkTest, EndsWhenACursorComesBack) {
  transport_.AnswerInTurn({Page(Item(1), "a"), Page(Item(2), "a")});
  EXPECT_EQ(Walk(), "1 | cursor");
}

TEST_F(TaskWalkTest, EndsALongLoop) {
  transport_.AnswerInTurn(
      {Page(Item(1), "a"), Page(Item(2), "b"), Page(Item(3), "c"), Page(Item(4), "a")});
  EXPECT_EQ(Walk(), "1 | 2 | 3 | cursor");
}

TEST_F(TaskWalkTest, EndsAtItsPageLimit) {
  int page = 0;
  transport_.handler = [&](const auto&) -> Result<HttpResponse> {
    ++page;
    return Page(Item(page), std::to_string(page));
  };
  EXPECT_EQ(Walk(3), "1 | 2 | 3 | cursor");
  EXPECT_EQ(page, 3);
}

TEST_F(TaskWalkTest, MayHaveExactlyAsManyPagesAsAllowed) {
  transport_.AnswerInTurn({Page(Item(1), "a"), Page(Item(2))});
  EXPECT_EQ(Walk(2), "1 | 2 | end");
}

TEST_F(TaskWalkTest, EndsWithTheErrorOfAPage) {
  transport_.AnswerInTurn({Page(Item(1), "a"), Json(500, "")});
  EXPECT_EQ(Walk(), "1 | server_error");
}

}  // namespace
}  // namespace acronis::api
