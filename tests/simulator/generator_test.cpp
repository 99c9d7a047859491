#include <map>

#include "tests/simulator/simulator_fixture.h"

namespace acronis::simulator {
namespace {

/// The bodies of all pages of a listing, for comparison.
std::string Everything(Simulator& simulator, const std::string& query) {
  const Reply token =
      simulator.Handle({"POST",
                        "/api/2/idp/token",
                        {{"Authorization", "Basic " + EncodeBase64("client:s3cret")},
                         {"Content-Type", "application/x-www-form-urlencoded"}},
                        "grant_type=client_credentials"});
  const Headers headers = {
      {"Authorization", "Bearer " + Parse(token.body)->getValue<std::string>("access_token")}};
  std::string all;
  std::string target = "/api/task_manager/v2/tasks?limit=1000&" + query;
  while (true) {
    const Reply reply = simulator.Handle({"GET", target, headers, ""});
    EXPECT_EQ(reply.status, 200) << reply.body;
    const auto page = Parse(reply.body);
    const std::size_t size = reply.body.find(R"(],"size":)");
    all += reply.body.substr(0, size) + '\n';
    if (!page->has("paging")) {
      return all;
    }
    target =
        "/api/task_manager/v2/tasks?limit=1000&after=" +
        Encode(page->getObject("paging")->getObject("cursors")->getValue<std::string>("after"));
  }
}

TEST(Generator, MakesTheSameTasksFromTheSameSeed) {
  test::FakeClock clock;
  Simulator one(TestOptions(1), clock);
  Simulator two(TestOptions(1), clock);
  SimulatorOptions other = TestOptions(1);
  other.seed = 2;
  Simulator three(std::move(other), clock);
  const std::string tasks = Everything(one, "");
  EXPECT_EQ(tasks, Everything(two, ""));
  EXPECT_NE(tasks, Everything(three, ""));
}

TEST(Generator, MakesTheSameTasksLiveAndAsHistory) {
  test::FakeClock clock;
  SimulatorOptions fresh = TestOptions(1);
  fresh.history = std::chrono::seconds(0);
  Simulator live(std::move(fresh), clock);
  for (int n = 0; n < 360; ++n) {
    clock.Advance(std::chrono::seconds(10));
    live.TaskCount();
  }
  Simulator later(TestOptions(1), clock);  // Its history is the hour that has just passed.
  EXPECT_EQ(Everything(live, "order=asc(completedAt)"),
            Everything(later, "order=asc(completedAt)"));
  EXPECT_EQ(Everything(live, "order=asc(updatedAt)"), Everything(later, "order=asc(updatedAt)"));
}

class GeneratedTasks : public SimulatorTest {
 protected:
  GeneratedTasks() : SimulatorTest(Options()) {}

  static SimulatorOptions Options() {
    SimulatorOptions options = TestOptions(2);
    options.history = std::chrono::hours(6);
    return options;
  }

  std::uint64_t Total(const std::string& result) {
    std::uint64_t sum = 0;
    for (const auto& [key, count] : simulator_.Truth()) {
      sum += result.empty() || key.second == result ? count : 0;
    }
    return sum;
  }
};

TEST_F(GeneratedTasks, ComeAtTheirRate) {
  EXPECT_NEAR(static_cast<double>(simulator_.TaskCount()), 2.0 * 6 * 3600, 2000);
}

TEST_F(GeneratedTasks, AreSpreadOverQueuesAndResults) {
  std::set<std::string> queues;
  for (const auto& entry : simulator_.Truth()) {
    queues.insert(entry.first.first);
  }
  EXPECT_EQ(queues.size(), 40U);
  for (const char* const result :
       {"ok", "warning", "error", "cancelled", "abandoned", "timedout"}) {
    EXPECT_GT(Total(result), 0U) << result;
  }
  EXPECT_GT(Total("ok"), Total("") * 8 / 10);
}

TEST_F(GeneratedTasks, BelongToTwoHundredTenants) {
  std::set<std::string> tenants;
  for (ReadPage page = List("limit=1000&lod=short");; page = Next(page, 1000)) {
    for (const auto& item : *page.body->getArray("items")) {
      const auto tenant = item.extract<Poco::JSON::Object::Ptr>()->getObject("tenant");
      tenants.insert(tenant->getValue<std::string>("id"));
    }
    if (page.after.empty()) {
      break;
    }
  }
  EXPECT_EQ(tenants.size(), 200U);
}

TEST_F(GeneratedTasks, LeaveOutWhatTheyDoNotHave) {
  const auto items = List("limit=1000&lod=full&state=completed").body->getArray("items");
  for (const char* const key : {"policy", "resource", "executor", "startedByUser", "startedAt"}) {
    std::size_t with = 0;
    for (const auto& item : *items) {
      const auto task = item.extract<Poco::JSON::Object::Ptr>();
      EXPECT_FALSE(task->isNull(key) && task->has(key)) << key;
      with += task->has(key) ? 1 : 0;
    }
    EXPECT_GT(with, 0U) << key;
    EXPECT_LT(with, items->size()) << key;
  }
}

TEST_F(GeneratedTasks, HaveUniqueIdsSomeWithASequence) {
  std::set<std::int64_t> ids;
  bool sequence = false;
  ReadPage page = List("limit=1000&lod=tiny");
  while (true) {
    for (const std::int64_t id : page.ids) {
      EXPECT_TRUE(ids.insert(id).second) << id;
      EXPECT_GT(id, 1LL << 53);
      sequence = sequence || (id & 0xfff) != 0;
    }
    if (page.after.empty()) {
      break;
    }
    page = Next(page, 1000);
  }
  EXPECT_EQ(ids.size(), simulator_.TaskCount());
  EXPECT_TRUE(sequence);
}

TEST_F(GeneratedTasks, PassThroughEveryState) {
  for (const char* const state : {"assigned", "started", "paused"}) {
    const auto deadline = clock_.Now() + std::chrono::hours(3);
    while (List(std::string("lod=tiny&state=") + state).ids.empty() && clock_.Now() < deadline) {
      clock_.Advance(std::chrono::seconds(7));
    }
    EXPECT_LT(clock_.Now(), deadline) << state;
  }
  EXPECT_FALSE(List("state=lt(completed)&order=asc(enqueuedAt)").ids.empty());
}

TEST_F(GeneratedTasks, AreWrittenInManyLetters) {
  const std::string body = List("limit=1000&lod=full").reply.body;
  for (const char* const part :
       {"größe", "日本", "policy.apply", "A59E8BF2-39C3-42C4-B667-CB672381A214", "_src"}) {
    EXPECT_NE(body.find(part), std::string::npos) << part;
  }
}

TEST_F(GeneratedTasks, NeverCompleteInTheFuture) {
  for (int n = 0; n < 50; ++n) {
    EXPECT_TRUE(List("lod=tiny&completedAt=gt(" +
                     std::to_string(clock_.Now().time_since_epoch().count()) + "ns)")
                    .ids.empty());
    clock_.Advance(std::chrono::milliseconds(1373));
  }
}

TEST(BadNight, LetsMostBackupsFail) {
  // From 22:00 to 01:00.
  test::FakeClock clock(test::FakeClock::OnSleep::kAdvance,
                        test::FakeClock::kStart + std::chrono::hours(8));
  SimulatorOptions options = TestOptions(1);
  options.history = std::chrono::hours(3);
  options.scenario = Scenario::kBadNight;
  Simulator simulator(std::move(options), clock);
  auto truth = simulator.Truth();
  const auto failed = truth[{"backup-agent", "error"}];
  EXPECT_GT(failed, (truth[{"backup-agent", "ok"}]));
  EXPECT_LT((truth[{"legacySync", "error"}]), (truth[{"legacySync", "ok"}]) / 10);
}

TEST(Generator, ShowsTheSameThroughTheIndexAndByLooking) {
  test::FakeClock clock;
  SimulatorOptions options = TestOptions(5);
  options.history = std::chrono::hours(2);
  Simulator simulator(std::move(options), clock);
  // A filter that every task passes keeps the index from answering alone.
  const std::string look = "&queue=notnull()";
  for (const std::string order : {"asc(completedAt)", "desc(completedAt)"}) {
    const std::string query =
        "lod=tiny&state=completed&completedAt=gt(1760110000)&completedAt=lt(1760114000)&order=" +
        order;
    const std::string indexed = Everything(simulator, query);
    EXPECT_GT(std::count(indexed.begin(), indexed.end(), '\n'), 10);
    EXPECT_EQ(indexed, Everything(simulator, query + look));
  }
  for (const std::string query : {"order=asc(updatedAt)", "updatedAt=ge(1760115000)"}) {
    EXPECT_EQ(Everything(simulator, "lod=tiny&" + query),
              Everything(simulator, "lod=tiny&" + query + look));
  }
}

}  // namespace
}  // namespace acronis::simulator
