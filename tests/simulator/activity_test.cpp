#include "tests/simulator/simulator_fixture.h"

namespace acronis::simulator {
namespace {

const std::string kActivities = "/api/task_manager/v2/activities";

class Activities : public SimulatorTest {
 protected:
  Poco::JSON::Array::Ptr Items(const std::string& query) {
    return Parse(Get(kActivities + query).body)->getArray("items");
  }
};

TEST_F(Activities, AreOneForEachTaskThatWasStarted) {
  const auto finished = simulator_.AddTask({});
  const auto running = simulator_.AddTask({.state = "started", .result_code = ""});
  simulator_.AddTask({.state = "enqueued", .result_code = ""});
  const auto items = Items("?order=asc(id)");
  ASSERT_EQ(items->size(), 2U);
  EXPECT_EQ(items->getObject(0)->getValue<std::int64_t>("taskId"), finished);
  EXPECT_EQ(items->getObject(1)->getValue<std::int64_t>("taskId"), running);
  EXPECT_EQ(Items("?taskId=" + std::to_string(running))->size(), 1U);
  EXPECT_EQ(Items("?state=completed&createdAt=gt(0)")->size(), 1U);
  EXPECT_EQ(Items("?parentActivityId=notnull()")->size(), 0U) << "all are roots";
}

TEST_F(Activities, HaveTheKeysOfAnActivityInTheServicesOrder) {
  simulator_.AddTask({.result_code = "error"});
  const std::string body = Get(kActivities).body;
  std::size_t last = 0;
  for (const char* const key :
       {"\"uuid\"", "\"type\"", "\"taskId\"", "\"state\"", "\"context\"", "\"id\"", "\"idString\"",
        "\"taskIdString\"", "\"createdAt\"", "\"startedAt\"", "\"updatedAt\"", "\"completedAt\"",
        "\"tenant\"", "\"result\""}) {
    const std::size_t at = body.find(key, last);
    ASSERT_NE(at, std::string::npos) << key << " in " << body;
    last = at;
  }
  for (const char* const key : {"\"queue\"", "\"priority\"", "\"issuer\"", "\"enqueuedAt\"",
                                "\"cancellable\"", "\"cancelRequested\""}) {
    EXPECT_EQ(body.find(key), std::string::npos) << key;
  }
}

TEST_F(Activities, RefuseWhatOnlyTasksHave) {
  for (const std::string field : {"queue", "priority", "executorId", "enqueuedAt", "assignedAt",
                                  "affinityAgentId", "affinityClusterId"}) {
    const Reply reply = Get(kActivities + "?" + field + "=1");
    EXPECT_EQ(reply.status, 400) << field;
    EXPECT_NE(reply.body.find("bad condition field '" + field + "'"), std::string::npos);
  }
  for (const std::string field : {"taskId", "parentActivityId", "createdAt", "sustainable"}) {
    EXPECT_EQ(Get("/api/task_manager/v2/tasks?" + field + "=1").status, 400) << field;
    EXPECT_EQ(Get(kActivities + "?" + field + "=1").status, 200) << field;
  }
}

TEST_F(Activities, ComeInPagesAndOneByOne) {
  for (int task = 0; task < 5; ++task) {
    simulator_.AddTask({});
  }
  std::size_t seen = 0;
  std::string query = "?limit=2";
  for (int page = 0; page < 3; ++page) {
    const auto body = Parse(Get(kActivities + query).body);
    seen += body->getArray("items")->size();
    const auto paging = body->getObject("paging");
    ASSERT_EQ(paging.isNull(), page == 2);
    if (!paging.isNull()) {
      query =
          "?limit=2&after=" + Encode(paging->getObject("cursors")->getValue<std::string>("after"));
    }
  }
  EXPECT_EQ(seen, 5U);
  const auto first = Items("?limit=1")->getObject(0);
  const std::string one = Get(kActivities + "/" + first->getValue<std::string>("idString")).body;
  EXPECT_EQ(Parse(one)->getValue<std::string>("uuid"), first->getValue<std::string>("uuid"));
  const auto waiting = simulator_.AddTask({.state = "enqueued", .result_code = ""});
  EXPECT_EQ(Get(kActivities + "/" + std::to_string(waiting)).status, 404);
}

TEST_F(Activities, DoNotCountAsShownTasks) {
  simulator_.AddTask({});
  ASSERT_EQ(Items("")->size(), 1U);
  EXPECT_TRUE(simulator_.Shown("client").empty());
}

}  // namespace
}  // namespace acronis::simulator
