#include "tests/simulator/simulator_fixture.h"

namespace acronis::simulator {
namespace {

class Tokens : public SimulatorTest {};

TEST_F(Tokens, EndAtAnAbsoluteTime) {
  const Reply reply = RequestToken();
  ASSERT_EQ(reply.status, 200);
  const auto body = Parse(reply.body);
  EXPECT_EQ(body->getValue<std::int64_t>("expires_on"), 1'760'115'600 + 7200);
  EXPECT_EQ(body->getValue<std::string>("token_type"), "bearer");
  EXPECT_FALSE(body->has("expires_in"));
}

TEST_F(Tokens, AreGivenOutUnderBothPaths) {
  const Reply reply =
      simulator_.Handle({"POST",
                         "/bc/idp/token",
                         {{"Authorization", "Basic " + EncodeBase64("client:s3cret")},
                          {"Content-Type", "application/x-www-form-urlencoded"}},
                         "grant_type=client_credentials"});
  EXPECT_EQ(reply.status, 200);
}

TEST_F(Tokens, HaveThreePartsThatCanBeToldByTheirBeginnings) {
  const std::string token = Token();
  EXPECT_TRUE(token.starts_with("eyJhbGci")) << token;
  EXPECT_NE(token.find(".eyJzdWIi"), std::string::npos) << token;
  EXPECT_NE(token.find(".c2lnbmVkLWJ5LXNpbXVsYXRv"), std::string::npos) << token;
}

TEST_F(Tokens, NeedTheRightSecret) {
  EXPECT_EQ(RequestToken("client:wrong").status, 401);
  EXPECT_EQ(RequestToken("client:").status, 401);
  EXPECT_EQ(RequestToken("nobody:s3cret").status, 401);
  EXPECT_EQ(RequestToken("client:s3cret", "grant_type=magic").status, 400);
}

TEST_F(Tokens, AreRefusedAfterTheirEnd) {
  EXPECT_EQ(Get("/api/task_manager/v2/tasks").status, 200);
  clock_.Advance(std::chrono::hours(2));
  EXPECT_EQ(Get("/api/task_manager/v2/tasks").status, 401);
}

TEST_F(Tokens, AreRefusedWhenRevoked) {
  Token();
  simulator_.RevokeTokens();
  EXPECT_EQ(Get("/api/task_manager/v2/tasks").status, 401);
}

TEST_F(Tokens, AreNeeded) {
  const Reply reply = simulator_.Handle({"GET", "/api/task_manager/v2/tasks", {}, ""});
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(Parse(reply.body)->getObject("error")->getValue<std::string>("code"),
            "bearerTokenMissing");
}

TEST_F(Tokens, ForATenantShowNothingElse) {
  NewTask mine;
  mine.tenant = 3;
  NewTask other;
  other.tenant = 4;
  const auto id = simulator_.AddTask(mine);
  const auto other_id = simulator_.AddTask(other);
  const std::string base = Token();
  const Reply reply = simulator_.Handle(
      {"POST",
       "/api/2/idp/token",
       {{"Authorization", "Bearer " + base}, {"Content-Type", "application/x-www-form-urlencoded"}},
       "grant_type=" + Encode("urn:ietf:params:oauth:grant-type:jwt-bearer") +
           "&assertion=" + Encode(base) +
           "&scope=" + Encode("urn:acronis.com:tenant-id:" + simulator_.TenantUuid(3))});
  ASSERT_EQ(reply.status, 200) << reply.body;
  token_ = Parse(reply.body)->getValue<std::string>("access_token");
  EXPECT_EQ(List("").ids, std::vector<std::int64_t>{id});
  EXPECT_EQ(Get("/api/task_manager/v2/tasks/" + std::to_string(other_id)).status, 404);
}

TEST_F(Tokens, OfAClientShowItsTenant) {
  const Reply reply = Get("/api/2/clients/client");
  ASSERT_EQ(reply.status, 200);
  EXPECT_TRUE(Parse(reply.body)->has("tenant_id"));
  EXPECT_EQ(Get("/api/2/clients/other").status, 404);
}

TEST_F(Tokens, AreNotNeededToFindTheDataCentre) {
  const Reply reply =
      simulator_.Handle({"GET", "/api/1/accounts?login=joe", {{"Host", "127.0.0.1:8443"}}, ""});
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(Parse(reply.body)->getValue<std::string>("server_url"), "https://127.0.0.1:8443");
}

}  // namespace
}  // namespace acronis::simulator
