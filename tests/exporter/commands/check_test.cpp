#include "exporter/commands/check.h"

#include <chrono>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "exporter/commands/check_picture.h"
#include "exporter/exposition/text_reader.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/output_file.h"
#include "tests/fakes/temporary_folder.h"
#include "tests/fakes/wire_server.h"

namespace acronis::exporter {
namespace {

using fakes::Answer;
using fakes::Wire;
using fakes::WireServer;
using test::OutputFile;

struct Outcome {
  int code = -1;
  std::string out{};
  std::string err{};
};

class CheckTest : public ::testing::Test {
 protected:
  CheckTest() {
    arguments_.state_directory = folder_.Path() / "state";
    arguments_.timeout = std::chrono::seconds(60);
  }

  void AddAccount(const std::string& name) {
    options_.accounts.emplace_back();
    options_.accounts.back().name = name;
  }

  void AddTask(const std::string& account, const std::string& queue, const std::string& code,
               std::chrono::nanoseconds ago = std::chrono::minutes(5)) {
    Task task;
    task.id = ++last_id_;
    task.queue = queue;
    task.state = "completed";
    task.result_code = code;
    task.completed_at = clock_.Now() - ago;
    tasks_[account].push_back(std::move(task));
  }

  /// Each task is on two pages, as when pages overlap.
  Status Serve(const AccountOptions& account, const TaskReadRequest& request,
               const std::function<void(const TaskReadPage&)>& sink) {
    requests_[account.name] = request;
    if (account.name == broken_) {
      return Error{ErrorKind::kServerError, "HTTP 500"};
    }
    for (const Task& task : tasks_[account.name]) {
      sink({{task}, 0});
      sink({{task}, 0});
    }
    return Ok{};
  }

  Outcome Run() {
    const OutputFile out;
    const OutputFile err;
    const TaskSource source = [this](const AccountOptions& account, const TaskReadRequest& request,
                                     const auto& sink, const std::stop_token&) {
      return Serve(account, request, sink);
    };
    const int code = RunCheck(arguments_, {.load = [this] { return Result(options_); },
                                           .source = source,
                                           .clock = clock_,
                                           .streams = {out.Descriptor(), err.Descriptor()}});
    return {code, out.Text(), err.Text()};
  }

  test::TemporaryFolder folder_;
  test::FakeClock clock_;
  CheckArguments arguments_;
  CollectorOptions options_;
  std::map<std::string, std::vector<Task>> tasks_;
  std::map<std::string, TaskReadRequest> requests_;
  std::string broken_;
  std::int64_t last_id_ = 0;
};

TEST_F(CheckTest, CountsEachTaskOfTheWindowOnce) {
  AddAccount("emea");
  AddTask("emea", "backup", "error");
  AddTask("emea", "backup", "ok");
  AddTask("emea", "", "strange");
  AddTask("emea", "backup", "error", std::chrono::minutes(61));
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.out,
            "ACRONIS_TASKS CRITICAL - 2 of 3 tasks failed in 1h | failed=2;;0;0 completed=3;;;0 "
            "'_none/unknown'=1;;;0 'backup/error'=1;;;0\n_none: 1 of 1\nbackup: 1 of 2\n");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err, "");
}

TEST_F(CheckTest, AsksForTheWindowTheAccountsFiltersAndTheQueues) {
  AddAccount("emea");
  options_.accounts[0].filters = {{"policyType", "backup"}};
  arguments_.queues = {"a", "b"};
  EXPECT_EQ(Run().code, 0);
  using Filters = std::vector<std::pair<std::string, std::string>>;
  const Filters expected = {{"policyType", "backup"},
                            {"state", "completed"},
                            {"completedAt", requests_["emea"].filters.at(2).second},
                            {"queue", "a"},
                            {"queue", "b"}};
  EXPECT_EQ(requests_["emea"].filters, expected);
  EXPECT_TRUE(expected[2].second.starts_with("gt("));
  EXPECT_TRUE(CheckReadRequest(requests_["emea"]));
}

TEST_F(CheckTest, ChoosesQueuesItselfWhereTheAccountHasAFilterForThem) {
  AddAccount("emea");
  options_.accounts[0].filters = {{"queue", "a"}, {"queue", "b"}};
  arguments_.queues = {"a"};
  AddTask("emea", "a", "error");
  AddTask("emea", "b", "error");
  EXPECT_NE(Run().out.find("1 of 1 tasks failed"), std::string::npos);
  EXPECT_EQ(requests_["emea"].filters.size(), 4U);
}

TEST_F(CheckTest, CountsTheGivenResultsOnly) {
  AddAccount("emea");
  AddTask("emea", "backup", "error");
  arguments_.result_codes = {"ok"};
  arguments_.critical = ParseNagiosRange("1:");
  EXPECT_EQ(Run().code, 2);
  AddTask("emea", "backup", "ok");
  EXPECT_EQ(Run().code, 0);
}

TEST_F(CheckTest, TakesTheSuccessCodesOfTheConfiguration) {
  AddAccount("emea");
  AddTask("emea", "backup", "warning");
  EXPECT_EQ(Run().code, 0);
  options_.metrics.success_codes = {"ok"};
  EXPECT_EQ(Run().code, 2);
  arguments_.success_codes = {"warning"};
  EXPECT_EQ(Run().code, 0);
}

TEST_F(CheckTest, WarnsWithinTheCriticalRange) {
  AddAccount("emea");
  AddTask("emea", "backup", "error");
  arguments_.warning = ParseNagiosRange("0");
  EXPECT_EQ(Run().code, 1);
  arguments_.critical = ParseNagiosRange("0");
  EXPECT_EQ(Run().code, 2);
}

TEST_F(CheckTest, DoesNotKnowWhenAnAccountCannotBeRead) {
  AddAccount("emea");
  AddAccount("apac");
  AddTask("emea", "backup", "error");
  broken_ = "apac";
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.out, "ACRONIS_TASKS UNKNOWN - account apac: HTTP 500\n");
  arguments_.account = "emea";
  EXPECT_EQ(Run().code, 2);
}

TEST_F(CheckTest, NamesTheAccountsWhenThereIsNoSuchOne) {
  AddAccount("emea");
  arguments_.account = "emae";
  EXPECT_EQ(Run().out,
            "ACRONIS_TASKS UNKNOWN - --account: there is no 'emae'; accounts are: emea\n");
}

TEST_F(CheckTest, GivesZabbixANumberOrNothing) {
  AddAccount("emea");
  AddTask("emea", "backup", "error");
  arguments_.output = CheckOutput::kValue;
  const Outcome good = Run();
  EXPECT_EQ(good.out, "1\n");
  EXPECT_EQ(good.code, 0);
  broken_ = "emea";
  const Outcome bad = Run();
  EXPECT_EQ(bad.out, "");
  EXPECT_EQ(bad.err, "acronis_task_exporter: account emea: HTTP 500\n");
  EXPECT_EQ(bad.code, 1);
}

TEST_F(CheckTest, DiscoversEveryResultOfTheQueuesSeen) {
  AddAccount("emea");
  AddTask("emea", "backup", "ok");
  AddTask("emea", "backup", "error");
  arguments_.output = CheckOutput::kDiscovery;
  arguments_.result_codes = {"ok", "timedout"};
  EXPECT_EQ(Run().out, R"([{"{#ACCOUNT}":"emea","{#QUEUE}":"backup","{#RESULT_CODE}":"ok"},)"
                       R"({"{#ACCOUNT}":"emea","{#QUEUE}":"backup","{#RESULT_CODE}":"timedout"}])"
                       "\n");
}

TEST_F(CheckTest, EndsWhenItsTimeIsOver) {
  WireServer server([](Wire& wire, int) { wire.WaitUntilGone(); });
  arguments_.from.url = server.Url();
  arguments_.timeout = std::chrono::milliseconds(1500);
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.code, 3);
  EXPECT_TRUE(outcome.out.starts_with("ACRONIS_TASKS UNKNOWN - ")) << outcome.out;
}

/// The page of an exporter with one account.
std::string Page(const std::string& up, double watermark, int failed) {
  return "# TYPE acronis_up gauge\nacronis_up{account=\"emea\"} " + up +
         "\n# TYPE acronis_exporter_watermark_timestamp_seconds gauge\n"
         "acronis_exporter_watermark_timestamp_seconds{account=\"emea\"} " +
         std::to_string(watermark) +
         "\n# TYPE acronis_exporter_store_info gauge\n"
         "acronis_exporter_store_info{store_id=\"s1\",engine=\"sqlite\"} 1\n"
         "# TYPE acronis_tasks_completed_total counter\n"
         "acronis_tasks_completed_total{account=\"emea\",queue=\"backup\",state=\"completed\","
         "result_code=\"error\"} " +
         std::to_string(failed) + "\n";
}

class CheckFromTest : public CheckTest {
 protected:
  CheckFromTest()
      : server_([this](Wire& wire, int) {
          wire.ReadRequest();
          wire.Send(Answer(page_));
        }) {
    arguments_.from.url = server_.Url();
  }

  void Show(int failed, const std::string& up = "1") {
    page_ = Page(up, ToUnixSeconds(clock_.Now()), failed);
  }

  std::string page_;
  WireServer server_;
};

TEST_F(CheckFromTest, CountsBetweenTwoRuns) {
  Show(40);
  EXPECT_EQ(Run().code, 0);
  clock_.Advance(std::chrono::minutes(23));
  Show(43);
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.code, 2);
  EXPECT_TRUE(
      outcome.out.starts_with("ACRONIS_TASKS CRITICAL - 3 of 3 tasks failed in the last "
                              "23m, since the first check | failed=3;;0;0 "))
      << outcome.out;
}

TEST_F(CheckFromTest, KeepsQuestionsApart) {
  Show(40);
  EXPECT_EQ(Run().code, 0);
  Show(43);
  arguments_.queues = {"backup"};
  EXPECT_EQ(Run().code, 0);
  arguments_.queues = {};
  EXPECT_EQ(Run().code, 2);
}

TEST_F(CheckFromTest, DoesNotKnowWhenTheExporterDoesNot) {
  Show(40);
  EXPECT_EQ(Run().code, 0);
  Show(40, "0");
  EXPECT_EQ(Run().code, 3);
  Show(41, "0");
  EXPECT_EQ(Run().code, 2);
  page_ = Page("1", ToUnixSeconds(clock_.Now() - std::chrono::minutes(61)), 40);
  const Outcome stale = Run();
  EXPECT_EQ(stale.code, 3);
  EXPECT_NE(stale.out.find("what is known of it is older than 1h"), std::string::npos);
}

TEST_F(CheckFromTest, DoesNotCountWhatAFirstCatchUpBrings) {
  Show(0);
  const std::string watermark = "acronis_exporter_watermark_timestamp_seconds{";
  const std::size_t begin = page_.find(watermark);
  page_.erase(begin, page_.find('\n', begin) + 1 - begin);
  const Outcome early = Run();
  EXPECT_EQ(early.code, 3);
  EXPECT_NE(early.out.find("account emea: its first catch-up is not complete"), std::string::npos)
      << early.out;
  Show(5000);
  EXPECT_EQ(Run().code, 0);
}

TEST_F(CheckFromTest, SaysThatItsMemoryIsLost) {
  Show(40);
  EXPECT_EQ(Run().code, 0);
  for (const auto& entry : std::filesystem::directory_iterator(arguments_.state_directory)) {
    std::ofstream(entry.path()) << "{broken";
  }
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.code, 0);
  EXPECT_NE(outcome.out.find("\nwhat earlier checks saw is lost, counting begins anew: "),
            std::string::npos)
      << outcome.out;
  Show(41);
  EXPECT_EQ(Run().code, 2);
}

TEST_F(CheckFromTest, RefusesAPageThatIsNoExporters) {
  page_ = "<html>\n";
  EXPECT_EQ(Run().out, "ACRONIS_TASKS UNKNOWN - " + server_.Url() +
                           "/metrics: line 1: neither a comment nor a sample\n");
  page_ = "# TYPE up gauge\nup 1\n";
  EXPECT_NE(Run().out.find("no acronis_up on the page"), std::string::npos);
}

TEST_F(CheckFromTest, NamesTheAccountsOfThePage) {
  Show(1);
  arguments_.account = "apac";
  EXPECT_NE(Run().out.find("--account: there is no 'apac'; accounts are: emea"), std::string::npos);
}

TEST(CheckPicture, RefusesWhatIsNoCount) {
  for (const char* const value : {"-1", "0.5", "NaN", "+Inf", "1e19"}) {
    std::string page = Page("1", 0, 7);
    page.replace(page.rfind(" 7"), 2, std::string(" ") + value);
    const auto families = ReadTextPage(page);
    ASSERT_TRUE(families) << families.error().message;
    EXPECT_FALSE(ReadPicture(*families, {}, {})) << value;
  }
}

}  // namespace
}  // namespace acronis::exporter
