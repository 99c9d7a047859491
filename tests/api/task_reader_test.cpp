#include "plugin/task_reader.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/api/account_api.h"
#include "tests/fakes/call_recorder.h"
#include "tests/fakes/recording_logger.h"
#include "tests/fakes/test_pki.h"
#include "tests/fakes/wire_server.h"

namespace acronis {
namespace {

using fakes::Answer;
using fakes::Wire;
using fakes::WireServer;

std::string JsonAnswer(const std::string& body) {
  return Answer(body, "Content-Type: application/json\r\n");
}

/// Two pages of two records each, and a token for whoever asks.
void Serve(Wire& wire, WireServer& server) {
  for (std::string request = wire.ReadRequest(); !request.empty(); request = wire.ReadRequest()) {
    server.Note(request.substr(0, request.find("\r\n")));
    std::string body =
        R"({"items":[{"id":1,"state":"started"},{"id":2}],"paging":{"cursors":{"after":"x"}}})";
    if (request.starts_with("POST ")) {
      body = R"({"access_token":"t","expires_on":32503680000})";
    } else if (request.find("after=x") != std::string::npos) {
      body = R"({"items":[{"id":3,"uuid":"u3"},{"id":null}]})";
    }
    wire.Send(JsonAnswer(body));
  }
}

class TaskReaderTest : public ::testing::Test {
 protected:
  TaskReaderTest() {
    account_.name = "emea";
    account_.base_url = server_.Url("localhost");
    account_.client_id = "id";
    account_.client_secret = Secret("s3cret");
    account_.ca_file = pki_.CaFile();
  }

  Status Read(const TaskReadRequest& request) {
    return ReadTasks(account_, request, clock_, log_,
                     [this](const TaskReadPage& page) {
                       for (const auto& task : page.tasks) {
                         seen_ += std::to_string(task.id) + task.details.uuid + " ";
                       }
                       seen_ += "(" + std::to_string(page.invalid) + " invalid) ";
                     },
                     {});
  }

  fakes::TestPki pki_;
  WireServer server_{[this](Wire& wire, int) { Serve(wire, server_); }, pki_.ServerContext()};
  SystemClock clock_;
  fakes::RecordingLogger log_;
  AccountOptions account_;
  std::string seen_;
};

TEST_F(TaskReaderTest, HandsOutPageAfterPage) {
  TaskReadRequest request;
  request.filters = {{"completedAt", "gt(2020-04-22T11:00:00Z)"}};
  request.order = "asc(completedAt)";
  request.lod = "full";
  request.page_size = 2;
  const auto read = Read(request);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(seen_, "1 2 (0 invalid) 3u3 (1 invalid) ");
  EXPECT_EQ(server_.Notes(),
            (std::vector<std::string>{
                "POST /api/2/idp/token HTTP/1.1",
                "GET /api/task_manager/v2/tasks?completedAt=gt%282020-04-22T11%3A00%3A00Z%29"
                "&order=asc%28completedAt%29&lod=full&limit=2 HTTP/1.1",
                "GET /api/task_manager/v2/tasks?limit=2&after=x HTTP/1.1"}));
}

TEST_F(TaskReaderTest, StopsAtTheGreatestNumberOfTasks) {
  TaskReadRequest request;
  request.max_tasks = 1;
  ASSERT_TRUE(Read(request));
  EXPECT_EQ(seen_, "1 (0 invalid) ");
  EXPECT_EQ(server_.Notes().size(), 2U);
  EXPECT_NE(server_.Notes()[1].find("limit=1 "), std::string::npos);
}

TEST_F(TaskReaderTest, SendsNothingForAFilterThatDoesNotExist) {
  for (const auto& [field, value] :
       {std::pair{"tenant_id", "1"}, std::pair{"state", "done"}, std::pair{"completedAt", "x"}}) {
    TaskReadRequest request;
    request.filters = {{field, value}};
    const auto read = Read(request);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, ErrorKind::kInvalidArgument);
  }
  TaskReadRequest request;
  request.page_size = 0;
  EXPECT_FALSE(Read(request));
  request.page_size = 10;
  request.order = "sideways";
  EXPECT_FALSE(Read(request));
  request.order.clear();
  request.lod = "count";
  EXPECT_FALSE(Read(request));
  EXPECT_EQ(server_.Connections(), 0);
}

TEST_F(TaskReaderTest, NamesAnAccountThatCannotBeUsed) {
  account_.base_url = "http://far.example";
  const auto read = Read({});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_NE(read.error().message.find("account emea: base_url"), std::string::npos)
      << read.error().message;
}

TEST_F(TaskReaderTest, ReportsAServerThatIsNotTrusted) {
  account_.ca_file.clear();
  const auto read = Read({});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::kTls) << read.error().message;
}

TEST_F(TaskReaderTest, AccountApiReportsWhatItDoes) {
  fakes::CallRecorder calls;
  const auto opened = api::AccountApi::Open(account_, "test/1", {clock_, log_, calls});
  ASSERT_TRUE(opened) << opened.error().message;
  const auto page = (*opened)->Client().FetchPage({}, std::nullopt, api::PageUse::kInFlight, {});
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->tasks.size(), 2U);
  const auto seen = calls.Calls();
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_TRUE(seen[0].starts_with("request emea token 200 "));
  EXPECT_TRUE(seen[1].starts_with("token emea success "));
  EXPECT_TRUE(seen[2].starts_with("request emea tasks 200 "));
  EXPECT_EQ(seen[3], "page emea");
}

}  // namespace
}  // namespace acronis
