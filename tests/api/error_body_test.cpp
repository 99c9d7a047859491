#include "plugin/api/error_body.h"

#include <string>

#include <gtest/gtest.h>

#include "plugin/core/time_format.h"

namespace acronis::api {
namespace {

struct BodyCase {
  std::string name;
  std::string body;
  std::string text;
};
class ErrorBodyTest : public ::testing::TestWithParam<BodyCase> {};

TEST_P(ErrorBodyTest, BecomesOneReadableMessage) {
  EXPECT_EQ(ReadErrorBody(GetParam().body), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ErrorBodyTest,
    ::testing::Values(
        BodyCase{"PlatformWithNumericCode",
                 R"({"error":{"code":1006,"message":"It is prohibited.","details":{"info":"x"},)"
                 R"("context":{"id":"1"},"domain":"PlatformAccountServer"}})",
                 "It is prohibited."},
        BodyCase{"Wrapped",
                 R"({"error":{"domain":"S","code":"bearerTokenMissing","message":"Missing."}})",
                 "Missing."},
        BodyCase{"Unwrapped", R"({"domain":"S","code":"notFound","message":"Not found."})",
                 "Not found."},
        BodyCase{"StorageManager",
                 R"({"domain":"STORAGE_MANAGER","code":"404","reason":"CANotFoundErr",)"
                 R"("debug":{"msg":"authority not found"},"message":"authority gone"})",
                 "authority gone"},
        BodyCase{"ReasonOnly", R"({"reason":"CANotFoundErr","debug":{"msg":"x"}})",
                 "CANotFoundErr"},
        BodyCase{"DebugOnly", R"({"debug":{"msg":"authority not found"}})", "authority not found"},
        BodyCase{"CodeOnly", R"({"code":"AccessDeniedError","domain":"Access"})",
                 "Access: AccessDeniedError"},
        BodyCase{"NumericCodeOnly", R"({"error":{"code":1006}})", "1006"},
        BodyCase{"OAuth", R"({"error":"invalid_client","error_description":"unknown client"})",
                 "unknown client"},
        BodyCase{"OAuthCodeOnly", R"({"error":"invalid_client"})", "invalid_client"},
        BodyCase{"Html",
                 "<html>\r\n<head><TITLE>502 Bad Gateway</TITLE></head><body>x</body></html>",
                 "502 Bad Gateway"},
        BodyCase{"Text", "  something\n\twent \x1b[31mwrong\x07 ", "something went [31mwrong"},
        BodyCase{"Empty", "", ""}, BodyCase{"EmptyObject", "{}", ""},
        BodyCase{"Array", R"(["x"])", R"(["x"])"},
        BodyCase{"CutJson", R"({"error":{"message":"x)", R"({"error":{"message":"x)"},
        BodyCase{"ControlCharacters", "{\"message\":\"a\\u0000b\\u001b[2Jc\\u009bd\\r\\ne\"}",
                 "a b [2Jc d e"},
        BodyCase{"NotUtf8", "\xff\xfe oops", "?? oops"},
        BodyCase{"HugeNumber", R"({"code":1e400,"message":"x"})",
                 R"({"code":1e400,"message":"x"})"},
        BodyCase{"WrongTypes", R"({"error":[],"message":{},"reason":null,"debug":"x"})", ""}),
    [](const auto& instance) { return instance.param.name; });

TEST(ErrorBody, IsCutBetweenCharacters) {
  std::string umlauts;
  for (int i = 0; i < 200; ++i) {
    umlauts += "ä";
  }
  for (const std::string& prefix : {std::string(), std::string("x"), std::string("xy")}) {
    const std::string text = ReadErrorBody(R"({"message":")" + prefix + umlauts + R"("})");
    EXPECT_LE(text.size(), 200U);
    EXPECT_TRUE(text.ends_with("ä...")) << text;
  }
  EXPECT_LE(ReadErrorBody(std::string(1'000'000, 'x')).size(), 200U);
}

TEST(ErrorBody, SurvivesDeepNesting) {
  EXPECT_LE(ReadErrorBody(std::string(60'000, '[')).size(), 200U);
  std::string deep;
  for (int i = 0; i < 5'000; ++i) {
    deep += R"({"error":)";
  }
  EXPECT_LE(ReadErrorBody(deep).size(), 200U);
}

struct StatusCase {
  int status;
  ErrorKind kind;
};
class StatusTest : public ::testing::TestWithParam<StatusCase> {};

TEST_P(StatusTest, HasItsKind) {
  HttpResponse response;
  response.status = GetParam().status;
  const Error error = StatusError("task query", response, TimePoint());
  EXPECT_EQ(error.kind, GetParam().kind);
  EXPECT_EQ(error.http_status, GetParam().status);
  EXPECT_FALSE(error.retry_after);
  EXPECT_TRUE(error.message.starts_with("task query: HTTP " + std::to_string(GetParam().status)));
}

INSTANTIATE_TEST_SUITE_P(
    Statuses, StatusTest,
    ::testing::Values(
        StatusCase{400, ErrorKind::kBadRequest}, StatusCase{401, ErrorKind::kAuth},
        StatusCase{403, ErrorKind::kForbidden}, StatusCase{404, ErrorKind::kNotFound},
        StatusCase{405, ErrorKind::kBadRequest}, StatusCase{409, ErrorKind::kBadRequest},
        StatusCase{410, ErrorKind::kBadRequest}, StatusCase{413, ErrorKind::kBadRequest},
        StatusCase{422, ErrorKind::kBadRequest}, StatusCase{429, ErrorKind::kRateLimited},
        StatusCase{500, ErrorKind::kServerError}, StatusCase{502, ErrorKind::kServerError},
        StatusCase{503, ErrorKind::kServerError}, StatusCase{504, ErrorKind::kServerError},
        StatusCase{520, ErrorKind::kServerError}, StatusCase{204, ErrorKind::kInvalidResponse},
        StatusCase{302, ErrorKind::kInvalidResponse}),
    [](const auto& instance) { return std::to_string(instance.param.status); });

TEST(StatusError, NamesTheHostOfARedirectOnly) {
  HttpResponse response;
  response.status = 307;
  response.headers = {{"Location", "https://elsewhere.example/x?token=abc"}};
  const Error error = StatusError("task query", response, TimePoint());
  EXPECT_NE(error.message.find("elsewhere.example"), std::string::npos) << error.message;
  EXPECT_EQ(error.message.find("abc"), std::string::npos);
}

struct WaitCase {
  std::string name;
  std::string header;
  std::optional<int> seconds;
};
class RetryAfterTest : public ::testing::TestWithParam<WaitCase> {};

TEST_P(RetryAfterTest, IsReadAndClamped) {
  for (const int status : {429, 503}) {
    HttpResponse response;
    response.status = status;
    response.headers = {{"Retry-After", GetParam().header},
                        {"Date", "Wed, 22 Apr 2020 11:00:00 GMT"}};
    const Error error = StatusError("task query", response, TimePoint());
    std::optional<std::chrono::seconds> expected;
    if (GetParam().seconds) {
      expected = std::chrono::seconds(*GetParam().seconds);
    }
    EXPECT_EQ(error.retry_after, expected);
    EXPECT_EQ(error.kind == ErrorKind::kRateLimited, status == 429 || expected.has_value());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Headers, RetryAfterTest,
    ::testing::Values(WaitCase{"Seconds", "7", 7}, WaitCase{"Zero", "0", 0},
                      WaitCase{"Clamped", "1000000000", 300},
                      WaitCase{"BeyondEveryInteger", "99999999999999999999999", 300},
                      WaitCase{"Date", "Wed, 22 Apr 2020 11:00:30 GMT", 30},
                      WaitCase{"FarDate", "Wed, 22 Apr 2021 11:00:30 GMT", 300},
                      WaitCase{"PastDate", "Wed, 22 Apr 2020 10:00:00 GMT", 0},
                      WaitCase{"Negative", "-5", std::nullopt},
                      WaitCase{"Garbage", "soon", std::nullopt},
                      WaitCase{"Empty", "", std::nullopt}),
    [](const auto& instance) { return instance.param.name; });

TEST(StatusError, MeasuresADateFromTheLocalClockWhenTheReplyHasNone) {
  HttpResponse response;
  response.status = 429;
  response.headers = {{"Retry-After", "Wed, 22 Apr 2020 11:00:30 GMT"}};
  const Error error = StatusError("task query", response, *ParseRfc3339("2020-04-22T11:00:10Z"));
  EXPECT_EQ(error.retry_after, std::chrono::seconds(20));
}

}  // namespace
}  // namespace acronis::api
