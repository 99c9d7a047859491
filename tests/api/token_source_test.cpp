#include "plugin/api/token_source.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/core/time_format.h"
#include "tests/fakes/call_recorder.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/recording_logger.h"
#include "tests/fakes/scripted_transport.h"
#include "tests/fakes/temporary_folder.h"

namespace acronis::api {
namespace {

using fakes::HeaderOf;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kSentAt = 1587553200;  // The server's time of every reply below.

HttpResponse Reply(int status, const std::string& body) {
  return {status, {{"Date", "Wed, 22 Apr 2020 11:00:00 GMT"}}, body};
}

HttpResponse TokenFor(const std::string& token, std::int64_t life) {
  return Reply(200, R"({"access_token":")" + token + R"(","expires_on":)" +
                        std::to_string(kSentAt + life) + R"(,"token_type":"bearer"})");
}

class TokenSourceTest : public ::testing::Test {
 protected:
  OAuthTokenSource Make() { return {credentials_, {transport_, clock_, calls_, &log_}}; }

  static std::string Text(const Result<Secret>& token) {
    return token ? token->Reveal() : "error: " + token.error().message;
  }

  // The local clock is years away from the server's.
  test::FakeClock clock_{test::FakeClock::OnSleep::kAdvance,
                         TimePoint(seconds(kSentAt)) + hours(24 * 1000)};
  fakes::CallRecorder calls_;
  fakes::RecordingLogger log_;
  fakes::ScriptedTransport transport_;
  ClientCredentials credentials_{"emea", "id", Secret("s:cret"), {}, ""};
};

TEST_F(TokenSourceTest, AsksWithBasicAuthorizationAndAForm) {
  transport_.AnswerInTurn({TokenFor("t1", 7200)});
  auto source = Make();
  EXPECT_EQ(Text(source.Token({})), "t1");
  ASSERT_EQ(transport_.requests.size(), 1U);
  const auto& request = transport_.requests.front();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/api/2/idp/token");
  EXPECT_EQ(request.body, "grant_type=client_credentials");
  EXPECT_EQ(HeaderOf(request, "Authorization"), "Basic aWQ6czpjcmV0");
  EXPECT_EQ(HeaderOf(request, "Content-Type"), "application/x-www-form-urlencoded");
}

TEST_F(TokenSourceTest, SendsAFreshRequestIdEachTime) {
  credentials_.tenant = "07f6adf7-4665-4340-865d-c4a4c66f4dcd";
  transport_.AnswerInTurn({TokenFor("t1", 7200), TokenFor("t2", 7200)});
  ASSERT_TRUE(Make().Token({}));
  ASSERT_EQ(transport_.requests.size(), 2U);
  const std::string first = HeaderOf(transport_.requests[0], "X-Request-ID");
  EXPECT_EQ(first.size(), 36U);
  EXPECT_NE(first, HeaderOf(transport_.requests[1], "X-Request-ID"));
  EXPECT_TRUE(log_.Texts().empty());
}

TEST_F(TokenSourceTest, LogsBothRequestIdsOfAFailureAndNoSecret) {
  auto refused = Reply(401, R"({"message":"no such client"})");
  refused.headers.emplace_back("X-Int-Request-ID", "c8xid");
  transport_.AnswerInTurn({refused});
  ASSERT_FALSE(Make().Token({}));
  ASSERT_EQ(log_.Texts().size(), 1U);
  const std::string log = log_.Texts().front();
  EXPECT_NE(log.find("request_id=" + HeaderOf(transport_.requests[0], "X-Request-ID")),
            std::string::npos)
      << log;
  EXPECT_NE(log.find("server_request_id=c8xid"), std::string::npos) << log;
  EXPECT_NE(log.find("no such client"), std::string::npos) << log;
  EXPECT_EQ(log.find("s:cret"), std::string::npos) << log;
  EXPECT_EQ(log.find("aWQ6czpjcmV0"), std::string::npos) << log;
}

/// A server that tells in its error everything that it was sent.
HttpResponse Echo(const HttpRequest& request) {
  std::string text = request.body;
  for (const auto& [name, value] : request.headers) {
    text += " " + value;
  }
  return {403, {{"Content-Type", text}, {"X-Int-Request-ID", text}, {"Location", text}}, text};
}

TEST_F(TokenSourceTest, ShowsNothingOfASecretThatTheServerRepeats) {
  transport_.handler = [](const HttpRequest& request) { return Echo(request); };
  const std::string told = Text(Make().Token({}));
  EXPECT_NE(told.find("grant_type=client_credentials Basic ***"), std::string::npos) << told;
  transport_.handler = [](const HttpRequest& request) {
    return request.headers.front().second.starts_with("Basic ") ? TokenFor("b-token", 7200)
                                                                : Echo(request);
  };
  credentials_.tenant = "07f6adf7-4665-4340-865d-c4a4c66f4dcd";
  const std::string told_of_tenant = Text(Make().Token({}));
  EXPECT_NE(told_of_tenant.find("assertion=***"), std::string::npos) << told_of_tenant;
  for (std::string text : {told, told_of_tenant, log_.Texts()[0], log_.Texts()[1]}) {
    for (const std::string secret : {"s:cret", "aWQ6czpjcmV0", "b-token"}) {
      EXPECT_EQ(text.find(secret), std::string::npos) << text;
    }
  }
}

TEST_F(TokenSourceTest, LogsTheRequestIdWhenNoAnswerCame) {
  ASSERT_FALSE(Make().Token({}));
  ASSERT_EQ(log_.Texts().size(), 1U);
  EXPECT_NE(log_.Texts().front().find(HeaderOf(transport_.requests[0], "X-Request-ID")),
            std::string::npos);
}

TEST_F(TokenSourceTest, ReportsRequestAndExpiry) {
  const auto reply = TokenFor("t1", 7200);
  transport_.AnswerInTurn({reply});
  auto source = Make();
  ASSERT_TRUE(source.Token({}));
  EXPECT_EQ(calls_.Calls(),
            (std::vector<std::string>{"request emea token 200 " + std::to_string(reply.body.size()),
                                      "token emea success " + std::to_string(kSentAt + 7200)}));
}

TEST_F(TokenSourceTest, KeepsTheTokenUntilAQuarterOfAnHourBeforeItsEnd) {
  transport_.AnswerInTurn({TokenFor("t1", 7200), TokenFor("t2", 7200)});
  auto source = Make();
  ASSERT_EQ(Text(source.Token({})), "t1");
  clock_.Advance(minutes(105) - seconds(1));
  EXPECT_EQ(Text(source.Token({})), "t1");
  clock_.Advance(seconds(1));
  EXPECT_EQ(Text(source.Token({})), "t2");
  EXPECT_EQ(transport_.requests.size(), 2U);
}

TEST_F(TokenSourceTest, RenewsAShortTokenAtHalfItsLife) {
  transport_.AnswerInTurn({TokenFor("t1", 600), TokenFor("t2", 600)});
  auto source = Make();
  ASSERT_EQ(Text(source.Token({})), "t1");
  clock_.Advance(seconds(299));
  EXPECT_EQ(Text(source.Token({})), "t1");
  clock_.Advance(seconds(1));
  EXPECT_EQ(Text(source.Token({})), "t2");
}

TEST_F(TokenSourceTest, DoesNotCareAboutTheLocalClock) {
  transport_.AnswerInTurn({TokenFor("t1", 7200), TokenFor("t2", 7200)});
  auto source = Make();
  ASSERT_EQ(Text(source.Token({})), "t1");
  clock_.SetNow(TimePoint(seconds(1)));
  EXPECT_EQ(Text(source.Token({})), "t1");
  clock_.SetNow(TimePoint(seconds(9'000'000'000)));
  EXPECT_EQ(Text(source.Token({})), "t1");
}

TEST_F(TokenSourceTest, UsesTheLocalClockWhenTheReplyHasNoDate) {
  auto reply = TokenFor("t1", 7200);
  reply.headers.clear();
  transport_.AnswerInTurn({reply});
  auto source = Make();
  clock_.SetNow(TimePoint(seconds(kSentAt)));
  EXPECT_EQ(Text(source.Token({})), "t1");
}

TEST_F(TokenSourceTest, KeepsTheOldTokenWhileItIsValidWhenTheRenewalFails) {
  transport_.AnswerInTurn({TokenFor("t1", 7200), Reply(500, "")});
  auto source = Make();
  ASSERT_TRUE(source.Token({}));
  clock_.Advance(minutes(106));
  EXPECT_EQ(Text(source.Token({})), "t1");
  EXPECT_EQ(calls_.Calls().back(), "token emea error");
  clock_.Advance(minutes(14));
  const auto late = source.Token({});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::kServerError);
}

TEST_F(TokenSourceTest, DoesNotHammerTheEndpointWhileTheRenewalFails) {
  transport_.AnswerInTurn({TokenFor("t1", 7200), Reply(500, "")});
  auto source = Make();
  ASSERT_TRUE(source.Token({}));
  clock_.Advance(minutes(106));
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Text(source.Token({})), "t1");
  }
  EXPECT_EQ(transport_.requests.size(), 2U);
  clock_.Advance(minutes(1));
  EXPECT_EQ(Text(source.Token({})), "t1");
  EXPECT_EQ(transport_.requests.size(), 3U);
}

TEST_F(TokenSourceTest, KeepsTheOldTokenWhileItIsValidWhenTheRenewalIsRefused) {
  transport_.AnswerInTurn({TokenFor("t1", 7200), Reply(401, "no such client")});
  auto source = Make();
  ASSERT_TRUE(source.Token({}));
  clock_.Advance(minutes(105));
  for (int second = 0; second < 15 * 60; second += 10) {
    ASSERT_EQ(Text(source.Token({})), "t1") << second;
    clock_.Advance(seconds(10));
  }
  const auto late = source.Token({});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::kAuth);
  EXPECT_EQ(transport_.requests.size(), 6U) << "one token, and after 0, 1, 3, 7 and 15 minutes";
}

TEST_F(TokenSourceTest, UsesAGoodTokenWhenThereIsNoTimeToRenewIt) {
  transport_.AnswerInTurn({TokenFor("t1", 7200)});
  auto source = Make();
  ASSERT_TRUE(source.Token({}));
  clock_.Advance(minutes(106));
  transport_.handler = [this](const HttpRequest& request) {
    EXPECT_EQ(request.timeout, seconds(5)) << "no longer than the caller waits";
    clock_.Advance(*request.timeout);
    return Result<HttpResponse>(Error{ErrorKind::kTimeout, "nobody answers"});
  };
  const auto in_time = [this] { return CallBounds({}, clock_.Monotonic() + seconds(5)); };
  EXPECT_EQ(Text(source.Token(in_time())), "t1");
  EXPECT_TRUE(log_.Texts().empty()) << "the caller gave up, not the server";
  clock_.Advance(minutes(14));
  const auto late = source.Token(in_time());
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::kCancelled);
}

TEST_F(TokenSourceTest, AsksAgainAfterTheTokenWasRefused) {
  transport_.AnswerInTurn({TokenFor("t1", 7200), TokenFor("t2", 7200)});
  auto source = Make();
  const auto first = source.Token({});
  ASSERT_TRUE(first);
  source.Refused(Secret("another one"));
  EXPECT_EQ(Text(source.Token({})), "t1");
  source.Refused(*first);
  EXPECT_EQ(Text(source.Token({})), "t2");
  source.Refused(*first);
  EXPECT_EQ(Text(source.Token({})), "t2");
}

TEST_F(TokenSourceTest, ExchangesTheTokenForOneOfTheTenant) {
  transport_.AnswerInTurn({TokenFor("base", 7200), Reply(200, R"({"access_token":"scoped"})"),
                           TokenFor("base2", 7200)});
  credentials_.tenant = "07f6adf7-4665-4340-865d-c4a4c66f4dcd";
  auto source = Make();
  EXPECT_EQ(Text(source.Token({})), "scoped");
  ASSERT_EQ(transport_.requests.size(), 2U);
  const auto& exchange = transport_.requests[1];
  EXPECT_EQ(HeaderOf(exchange, "Authorization"), "Bearer base");
  EXPECT_EQ(exchange.target, "/api/2/idp/token");
  EXPECT_EQ(exchange.body,
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=base"
            "&scope=urn%3Aacronis.com%3Atenant-id%3A07f6adf7-4665-4340-865d-c4a4c66f4dcd");
  // The scoped token ends with the base token.
  clock_.Advance(minutes(105));
  EXPECT_EQ(transport_.requests.size(), 2U);
  EXPECT_TRUE(source.Token({}));
  EXPECT_GT(transport_.requests.size(), 2U);
}

class BadCredentialsTest : public TokenSourceTest, public ::testing::WithParamInterface<int> {};

TEST_P(BadCredentialsTest, IsAnAuthErrorThatSaysWhy) {
  transport_.AnswerInTurn({Reply(
      GetParam(),
      R"({"error":{"code":"authenticationFailed","message":"Authentication has failed."}})")});
  auto source = Make();
  const auto token = source.Token({});
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().kind, ErrorKind::kAuth);
  EXPECT_NE(token.error().message.find("Authentication has failed."), std::string::npos);
  EXPECT_EQ(token.error().http_status, GetParam());
  EXPECT_EQ(calls_.Calls().back(), "token emea error");
}

INSTANTIATE_TEST_SUITE_P(Statuses, BadCredentialsTest, ::testing::Values(400, 401, 403, 404),
                         [](const auto& instance) { return std::to_string(instance.param); });

TEST_F(TokenSourceTest, PassesOnWhatIsNotAboutCredentials) {
  auto busy = Reply(429, "");
  busy.headers.emplace_back("Retry-After", "9");
  transport_.AnswerInTurn({busy, Reply(502, ""), Error{ErrorKind::kTimeout, "too slow"}});
  auto source = Make();
  auto token = source.Token({});
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().kind, ErrorKind::kRateLimited);
  EXPECT_EQ(token.error().retry_after, seconds(9));
  EXPECT_EQ(source.Token({}).error().kind, ErrorKind::kServerError);
  EXPECT_EQ(source.Token({}).error().kind, ErrorKind::kTimeout);
}

struct ReplyCase {
  std::string name;
  std::string body;
};
class BadReplyTest : public TokenSourceTest, public ::testing::WithParamInterface<ReplyCase> {};

TEST_P(BadReplyTest, IsAnInvalidResponseWithoutTheToken) {
  transport_.AnswerInTurn({Reply(200, GetParam().body)});
  auto source = Make();
  const auto token = source.Token({});
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().kind, ErrorKind::kInvalidResponse);
  EXPECT_EQ(token.error().message.find("s3cr3t"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, BadReplyTest,
    ::testing::Values(ReplyCase{"Empty", ""}, ReplyCase{"Html", "<html></html>"},
                      ReplyCase{"Array", "[]"},
                      ReplyCase{"NoToken", R"({"expires_on":1587560400})"},
                      ReplyCase{"EmptyToken", R"({"access_token":"","expires_on":1587560400})"},
                      ReplyCase{"TokenIsAnObject",
                                R"({"access_token":{},"expires_on":1587560400})"},
                      ReplyCase{"TokenBreaksTheHeader",
                                R"({"access_token":"s3cr3t\r\nX: y","expires_on":1587560400})"},
                      ReplyCase{"NoExpiry", R"({"access_token":"s3cr3t"})"},
                      ReplyCase{"ExpiryIsText", R"({"access_token":"s3cr3t","expires_on":"soon"})"},
                      ReplyCase{"Zero", R"({"access_token":"s3cr3t","expires_on":0})"},
                      ReplyCase{"Negative", R"({"access_token":"s3cr3t","expires_on":-5})"},
                      ReplyCase{"Expired", R"({"access_token":"s3cr3t","expires_on":1587553200})"},
                      ReplyCase{"HugeNumber", R"({"access_token":"s3cr3t","expires_on":1e400})"}),
    [](const auto& instance) { return instance.param.name; });

TEST_F(TokenSourceTest, RenewsATokenThatNeverEndsOnceADay) {
  transport_.AnswerInTurn({Reply(200, R"({"access_token":"t1","expires_on":9223372036854775807})"),
                           TokenFor("t2", 7200)});
  auto source = Make();
  ASSERT_EQ(Text(source.Token({})), "t1");
  clock_.Advance(hours(23));
  EXPECT_EQ(Text(source.Token({})), "t1");
  clock_.Advance(hours(1));
  EXPECT_EQ(Text(source.Token({})), "t2");
}

TEST_F(TokenSourceTest, ReportsNoFailureWhenStopped) {
  std::stop_source stop;
  stop.request_stop();
  auto source = Make();
  const auto token = source.Token(stop.get_token());
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().kind, ErrorKind::kCancelled);
  EXPECT_TRUE(calls_.Calls().empty());
}

class SecretFileTest : public TokenSourceTest {
 protected:
  SecretFileTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "secret-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    credentials_.secret_file = directory_ / "file.secret";
  }
  ~SecretFileTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  void Write(const std::string& text) const {
    std::ofstream(credentials_.secret_file, std::ios::binary) << text;
  }
  void ExpectRefused() {
    auto source = Make();
    const auto token = source.Token({});
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().kind, ErrorKind::kAuth);
    EXPECT_NE(token.error().message.find(credentials_.secret_file.string()), std::string::npos);
    EXPECT_TRUE(transport_.requests.empty());
    EXPECT_EQ(calls_.Calls(), std::vector<std::string>{"token emea error"});
  }

  std::filesystem::path directory_;
};

TEST_F(SecretFileTest, IsReadForEveryTokenAndTrimmed) {
  transport_.AnswerInTurn({TokenFor("t1", 7200), TokenFor("t2", 7200)});
  auto source = Make();
  Write("first\r\n");
  const auto token = source.Token({});
  ASSERT_TRUE(token);
  Write("second\n");
  source.Refused(*token);
  ASSERT_TRUE(source.Token({}));
  EXPECT_EQ(HeaderOf(transport_.requests[0], "Authorization"), "Basic aWQ6Zmlyc3Q=");
  EXPECT_EQ(HeaderOf(transport_.requests[1], "Authorization"), "Basic aWQ6c2Vjb25k");
}

TEST_F(SecretFileTest, ThatIsMissingIsNamed) {
  ExpectRefused();
}
TEST_F(SecretFileTest, ThatIsEmptyIsNamed) {
  Write("\n");
  ExpectRefused();
}
TEST_F(SecretFileTest, ThatIsADirectoryIsNamed) {
  std::filesystem::create_directory(credentials_.secret_file);
  ExpectRefused();
}
TEST_F(SecretFileTest, ThatIsFarTooLargeIsNamed) {
  Write(std::string(1'000'000, 'x'));
  ExpectRefused();
}

TEST_F(TokenSourceTest, LeavesAnEndpointAloneThatRefusesTheCredentials) {
  transport_.AnswerInTurn({Reply(401, "no such client")});
  auto source = Make();
  const auto began = clock_.Monotonic();
  std::string asked_after;
  for (int second = 0; second < 3600; second += 10) {
    const auto before = transport_.requests.size();
    const auto refused = source.Token({});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::kAuth);
    if (transport_.requests.size() > before) {
      asked_after +=
          std::to_string(std::chrono::floor<seconds>(clock_.Monotonic() - began).count()) + " ";
    }
    clock_.Advance(seconds(10));
  }
  EXPECT_EQ(asked_after, "0 60 180 420 900 1800 2700 ");
  std::string levels;
  for (const std::string& line : log_.Texts()) {
    levels += line.substr(0, line.find(' ')) + " ";
  }
  EXPECT_EQ(levels, "INFO DEBUG DEBUG DEBUG DEBUG DEBUG DEBUG ") << "read once";
}

TEST_F(TokenSourceTest, TriesAChangedSecretAtOnce) {
  const test::TemporaryFolder folder;
  credentials_.secret_file = folder.Path() / "secret";
  std::ofstream(credentials_.secret_file) << "old";
  transport_.AnswerInTurn({Reply(401, "wrong secret"), TokenFor("t1", 7200)});
  auto source = Make();
  ASSERT_FALSE(source.Token({}));
  const auto refused = source.Token({});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("asked again in 60 s, or when the secret changes"),
            std::string::npos)
      << refused.error().message;
  EXPECT_EQ(transport_.requests.size(), 1U);
  std::ofstream(credentials_.secret_file) << "new";
  EXPECT_EQ(Text(source.Token({})), "t1");
}

TEST_F(TokenSourceTest, LeavesAnEndpointAloneWhoseTokensAreRefused) {
  int issued = 0;
  transport_.handler = [&](const auto&) -> Result<HttpResponse> {
    return TokenFor("t" + std::to_string(++issued), 7200);
  };
  auto source = Make();
  const auto refuse_one = [&source] {
    const auto token = source.Token({});
    if (token) {
      source.Refused(*token);
    }
    return static_cast<bool>(token);
  };
  EXPECT_TRUE(refuse_one());
  EXPECT_TRUE(refuse_one()) << "a refused token is replaced once at once";
  EXPECT_FALSE(refuse_one());
  EXPECT_EQ(issued, 2);
  clock_.Advance(minutes(1));
  EXPECT_TRUE(refuse_one());
  clock_.Advance(minutes(1));
  EXPECT_FALSE(refuse_one()) << "two minutes this time";
  clock_.Advance(minutes(1));
  ASSERT_TRUE(source.Token({}));
  clock_.Advance(hours(1));
  EXPECT_TRUE(refuse_one()) << "this one was good for an hour";
  EXPECT_TRUE(source.Token({})) << "so it is replaced at once";
}

}  // namespace
}  // namespace acronis::api
