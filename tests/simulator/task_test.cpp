#include "tests/simulator/simulator_fixture.h"

namespace acronis::simulator {
namespace {

class Tasks : public SimulatorTest {};

TEST_F(Tasks, KeepTheKeyOrderOfTheService) {
  NewTask task;
  task.type = "agent.add";
  simulator_.AddTask(task);
  const std::string body = List("").reply.body;
  std::size_t last = 0;
  for (const char* const key :
       {"\"uuid\"", "\"type\"", "\"queue\"", "\"priority\"", "\"tenant\"", "\"cancellable\"",
        "\"policy\"", "\"resource\"", "\"context\"", "\"idString\"", "\"state\"", "\"issuer\"",
        "\"enqueuedAt\"", "\"startedAt\"", "\"updatedAt\"", "\"completedAt\"",
        "\"cancelRequested\"", "\"result\""}) {
    const std::size_t at = body.find(key, last);
    ASSERT_NE(at, std::string::npos) << key << " in " << body;
    last = at;
  }
}

TEST_F(Tasks, TrimTheZerosOfTheirTimes) {
  NewTask task;
  task.completed_at = test::FakeClock::kStart - std::chrono::nanoseconds(999'999'900);
  simulator_.AddTask(task);
  EXPECT_NE(List("").reply.body.find(R"("completedAt":"2025-10-10T16:59:59.0000001Z")"),
            std::string::npos);
}

TEST_F(Tasks, ShowAsMuchAsTheLodAsks) {
  NewTask task;
  task.result_code = "error";
  simulator_.AddTask(task);
  const auto item = [&](const std::string& lod) {
    return List("lod=" + lod).body->getArray("items")->getObject(0);
  };
  EXPECT_EQ(item("tiny")->size(), 5U);
  EXPECT_FALSE(item("short")->has("context"));
  EXPECT_FALSE(item("short")->getObject("result")->has("error"));
  const auto context = [&](const std::string& lod) {
    return item(lod)->getObject("result")->getObject("error")->getObject("context");
  };
  EXPECT_FALSE(context("long")->has("_src"));
  EXPECT_TRUE(context("full")->has("_src"));
}

TEST_F(Tasks, MoveThroughTheirStatesByHand) {
  NewTask task;
  task.state = "enqueued";
  const auto id = simulator_.AddTask(task);
  for (const char* const state : {"assigned", "started", "paused"}) {
    TaskChange change;
    change.state = state;
    ASSERT_TRUE(simulator_.ChangeTask(id, change));
    EXPECT_EQ(List(std::string("state=") + state).ids, std::vector<std::int64_t>{id});
  }
  TaskChange end;
  end.state = "completed";
  end.result_code = "warning";
  end.completed_at = clock_.Now();
  ASSERT_TRUE(simulator_.ChangeTask(id, end));
  EXPECT_EQ(List("state=completed&resultCode=warning&completedAt=ge(1760115600)").ids,
            std::vector<std::int64_t>{id});
  EXPECT_TRUE(List("state=paused").ids.empty());
}

TEST_F(Tasks, MayBeAskedForOneByOne) {
  const auto id = AddAt(0);
  const Reply reply = Get("/api/task_manager/v2/tasks/" + std::to_string(id));
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(Parse(reply.body)->getValue<std::int64_t>("id"), id);
  EXPECT_EQ(Get("/api/task_manager/v2/tasks/1").status, 404);
  EXPECT_EQ(Get("/api/task_manager/v2/tasks/x").status, 400);
  EXPECT_EQ(Get("/api/task_manager/v2/tasksx").status, 404);
}

TEST_F(Tasks, GetDifferentIdsInTheSameMoment) {
  std::set<std::int64_t> ids;
  for (int n = 0; n < 10'000; ++n) {
    ids.insert(AddAt(0));
  }
  EXPECT_EQ(ids.size(), 10'000U);
}

TEST_F(Tasks, RepliesCarryTheHeadersOfTheService) {
  const Reply reply =
      simulator_.Handle({"GET",
                         "/api/task_manager/v2/tasks",
                         {{"Authorization", "Bearer " + Token()}, {"X-Request-ID", "mine"}},
                         ""});
  EXPECT_EQ(FindHeader(reply.headers, "server"), "nginx");
  EXPECT_EQ(FindHeader(reply.headers, "X-Request-ID"), "mine");
  EXPECT_EQ(FindHeader(reply.headers, "X-Int-Request-ID").size(), 20U);
  EXPECT_EQ(FindHeader(reply.headers, "Date"), "Fri, 10 Oct 2025 17:00:00 GMT");
  EXPECT_EQ(FindHeader(reply.headers, "Content-Type"), "application/json");
}

struct Style {
  std::string name;
  ErrorBodyStyle style;
  std::string part;
};
class ErrorStyles : public ::testing::TestWithParam<Style> {};

TEST_P(ErrorStyles, ShapeTheBody) {
  test::FakeClock clock;
  SimulatorOptions options = TestOptions();
  options.error_style = GetParam().style;
  Simulator simulator(std::move(options), clock);
  const Reply reply = simulator.Handle({"GET", "/api/task_manager/v2/tasks", {}, ""});
  EXPECT_EQ(reply.status, 401);
  EXPECT_TRUE(reply.body.starts_with(GetParam().part)) << reply.body;
}

INSTANTIATE_TEST_SUITE_P(
    Styles, ErrorStyles,
    ::testing::Values(Style{"Wrapped", ErrorBodyStyle::kWrapped, R"({"error":{"domain":)"},
                      Style{"Flat", ErrorBodyStyle::kFlat, R"({"domain":"TaskManager","code":)"},
                      Style{"Platform", ErrorBodyStyle::kPlatform, R"({"error":{"code":1006,)"},
                      Style{"Storage", ErrorBodyStyle::kStorageManager,
                            R"({"domain":"STORAGE_MANAGER","code":"401",)"},
                      Style{"Html", ErrorBodyStyle::kHtml, "<html>"},
                      Style{"Empty", ErrorBodyStyle::kEmpty, ""}),
    [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace acronis::simulator
