#include "tests/simulator/simulator_fixture.h"

namespace acronis::simulator {
namespace {

class Truth : public SimulatorTest {};

TEST_F(Truth, CountsCompletedTasksInAWindow) {
  AddAt(-10);
  AddAt(-5);
  NewTask failed;
  failed.result_code = "error";
  failed.completed_at = clock_.Now() - std::chrono::seconds(5);
  simulator_.AddTask(failed);
  NewTask running;
  running.state = "started";
  simulator_.AddTask(running);
  const CountsByQueueAndResult all = {{{"backup-agent", "ok"}, 2}, {{"backup-agent", "error"}, 1}};
  EXPECT_EQ(simulator_.Truth(), all);
  const CountsByQueueAndResult window = {{{"backup-agent", "ok"}, 1}};
  EXPECT_EQ(simulator_.Truth(clock_.Now() - std::chrono::seconds(10),
                             clock_.Now() - std::chrono::seconds(5)),
            window);
}

TEST_F(Truth, CountsAnIdOnce) {
  const auto id = AddAt(-10);
  NewTask again;
  again.id = id;
  simulator_.AddTask(again);
  const CountsByQueueAndResult once = {{{"backup-agent", "ok"}, 1}};
  EXPECT_EQ(simulator_.Truth(), once);
  EXPECT_EQ(List("").ids.size(), 2U);
}

TEST_F(Truth, KnowsWhatWasShownToWhom) {
  const auto id = AddAt(-10);
  EXPECT_TRUE(simulator_.Shown("client").empty());
  List("state=completed");
  List("state=completed");
  EXPECT_EQ(simulator_.Shown("client"), std::vector<std::int64_t>{id});
  EXPECT_EQ(simulator_.ShownCounts("client"), simulator_.Truth());
  EXPECT_EQ(simulator_.Clients(), std::vector<std::string>{"client"});
}

TEST_F(Truth, KeepsTheResultOfTheFirstShowing) {
  const auto id = AddAt(-10);
  List("");
  TaskChange change;
  change.result_code = "error";
  simulator_.ChangeTask(id, change);
  List("");
  const CountsByQueueAndResult first = {{{"backup-agent", "ok"}, 1}};
  EXPECT_EQ(simulator_.ShownCounts("client"), first);
}

TEST_F(Truth, DoesNotCountWhatAFaultSpoiled) {
  AddAt(-10);
  for (const char* const fault : {"invalid_json", "reset", "cut_body", "status"}) {
    Switch(fault, "", 1);
    Get("/api/task_manager/v2/tasks");
  }
  EXPECT_TRUE(simulator_.Shown("client").empty());
}

}  // namespace
}  // namespace acronis::simulator
