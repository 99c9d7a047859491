/// The C interface as a module uses it, against the simulated service over real sockets.

#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <pthread.h>
#include <signal.h>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/agents/c/acronis_collector.h"
#include "plugin/agents/c/collectd_values.h"
#include "plugin/simulator/simulator.h"
#include "plugin/simulator/simulator_server.h"
#include "tests/fakes/temporary_folder.h"

namespace acronis {
namespace {

struct Lines {
  std::mutex mutex;
  std::vector<std::string> texts;
};

void Keep(void* context, acronis_log_level level, const char* line) {
  auto& lines = *static_cast<Lines*>(context);
  const std::lock_guard lock(lines.mutex);
  lines.texts.push_back(std::to_string(level) + " " + line);
}

using Values = std::map<std::string, double>;

int Collect(void* context, const acronis_sample* sample) {
  std::string key = sample->name;
  for (std::size_t i = 0; i < sample->label_count; ++i) {
    key += std::string(";") + sample->labels[i].name + "=" + sample->labels[i].value;
  }
  (*static_cast<Values*>(context))[key] = sample->value;
  return 0;
}

class CInterface : public ::testing::Test {
 protected:
  CInterface() {
    std::ofstream(folder_.Path() / "secret") << "s3cret";
    Set(nullptr, "store.path", (folder_.Path() / "ledger.db").string());
    Set(nullptr, "metrics.series_hold", "0");
    Set(nullptr, "poll.interval", "1s");
    Set("emea", "base_url", server_.BaseUrl());
    Set("emea", "client_id", "client");
    Set("emea", "client_secret_file", (folder_.Path() / "secret").string());
  }
  ~CInterface() override {
    acronis_close(collector_);
    acronis_options_free(options_);
  }

  void Set(const char* account, const char* key, const std::string& value) {
    EXPECT_EQ(acronis_options_set(options_, account, key, value.c_str(), error_, sizeof(error_)), 0)
        << error_;
  }

  void Open() {
    collector_ = acronis_open(options_, Keep, &lines_, error_, sizeof(error_));
    ASSERT_NE(collector_, nullptr) << error_;
  }

  Values Visit() {
    Values values;
    const int shown = acronis_visit(collector_, Collect, &values);
    EXPECT_EQ(shown, static_cast<int>(values.size()));
    return values;
  }

  SystemClock clock_;
  simulator::Simulator simulator_{
      {.rate = 0, .client_id = "client", .client_secret = Secret("s3cret")}, clock_};
  simulator::SimulatorServer server_{simulator_, {.tls = false}};
  test::TemporaryFolder folder_;
  Lines lines_;
  acronis_options* options_ = acronis_options_new();
  acronis_collector* collector_ = nullptr;
  char error_[256] = "";
};

TEST_F(CInterface, ShowsAnAccountThatIsDownBeforeAnythingWasBegun) {
  Open();
  EXPECT_EQ(Visit().at("acronis_up;account=emea"), 0);
  EXPECT_FALSE(std::filesystem::exists(folder_.Path() / "ledger.db"));
  EXPECT_EQ(server_.Connections(), 0U);
}

TEST_F(CInterface, CountsAndShows) {
  simulator_.AddTask({.queue = "backup",
                      .result_code = "error",
                      .completed_at = clock_.Now() - std::chrono::seconds(10)});
  Open();
  ASSERT_EQ(acronis_poll_once(collector_, error_, sizeof(error_)), 0) << error_;
  const Values values = Visit();
  EXPECT_EQ(values.at("acronis_up;account=emea"), 1);
  EXPECT_EQ(values.at("acronis_tasks_completed_total;account=emea;queue=backup;state=completed;"
                      "result_code=error"),
            1);
  EXPECT_EQ(values.at("acronis_task_duration_seconds_bucket;account=emea;queue=backup;le=+Inf"), 1);
  EXPECT_FALSE(lines_.texts.empty());
}

TEST_F(CInterface, CountsOnThreadsOfItsOwnThatNoSignalReaches) {
  Open();
  sigset_t before{};
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  ASSERT_EQ(acronis_start(collector_, error_, sizeof(error_)), 0) << error_;
  sigset_t after{};
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  EXPECT_EQ(std::memcmp(&before, &after, sizeof(before)), 0) << "the caller's mask is as it was";
  const MonotonicTime deadline = clock_.Monotonic() + std::chrono::seconds(30);
  while (Visit().at("acronis_up;account=emea") == 0 && clock_.Monotonic() < deadline) {
    clock_.SleepFor(std::chrono::milliseconds(2), {});
  }
  EXPECT_EQ(Visit().at("acronis_up;account=emea"), 1);
}

TEST_F(CInterface, SaysWhatIsWrongWithAnOption) {
  EXPECT_EQ(acronis_options_set(options_, "emea", "poll.interval", "often", error_, sizeof(error_)),
            -1);
  EXPECT_TRUE(std::string(error_).starts_with("poll.interval: 'often'")) << error_;
  char small[8] = "";
  EXPECT_EQ(acronis_options_set(options_, nullptr, "x", "y", small, sizeof(small)), -1);
  EXPECT_STREQ(small, "there i");
  EXPECT_EQ(acronis_options_set(options_, nullptr, "x", "y", nullptr, 0), -1);
  EXPECT_EQ(acronis_options_set(options_, nullptr, nullptr, "y", error_, sizeof(error_)), -1);
}

TEST_F(CInterface, RefusesToOpenWhatCannotWork) {
  Set("emea", "base_url", "http://example.com");
  EXPECT_EQ(acronis_open(options_, nullptr, nullptr, error_, sizeof(error_)), nullptr);
  EXPECT_NE(std::string(error_).find("base_url"), std::string::npos) << error_;
  EXPECT_EQ(acronis_open(nullptr, nullptr, nullptr, error_, sizeof(error_)), nullptr);
}

TEST_F(CInterface, CannotStartOnAStoreThatSomebodyHas) {
  Open();
  ASSERT_EQ(acronis_start(collector_, error_, sizeof(error_)), 0) << error_;
  acronis_collector* const other = acronis_open(options_, nullptr, nullptr, error_, sizeof(error_));
  ASSERT_NE(other, nullptr) << error_;
  EXPECT_EQ(acronis_start(other, error_, sizeof(error_)), -1);
  EXPECT_NE(std::string(error_).find("in use"), std::string::npos) << error_;
  acronis_close(collector_);
  collector_ = other;
  EXPECT_EQ(acronis_start(collector_, error_, sizeof(error_)), 0) << error_;
}

TEST_F(CInterface, ReportsAPollThatFails) {
  std::ofstream(folder_.Path() / "secret") << "wrong";
  Open();
  EXPECT_EQ(acronis_poll_once(collector_, error_, sizeof(error_)), -1);
  EXPECT_TRUE(std::string(error_).starts_with("emea: ")) << error_;
  for (const std::string& line : lines_.texts) {
    EXPECT_EQ(line.find("wrong\""), std::string::npos) << line;
  }
}

TEST_F(CInterface, EndsAVisitWhenItIsTold) {
  Open();
  int calls = 0;
  const auto once = [](void* context, const acronis_sample*) {
    ++*static_cast<int*>(context);
    return 1;
  };
  EXPECT_EQ(acronis_visit(collector_, once, &calls), -1);
  EXPECT_EQ(calls, 1);
}

TEST_F(CInterface, LetsNoExceptionOutOfAVisitor) {
  Open();
  const auto throwing = [](void*, const acronis_sample*) -> int { throw 1; };
  EXPECT_EQ(acronis_visit(collector_, throwing, nullptr), -1);
  const auto also = [](void*, const acronis_collectd_value*) -> int { throw 1; };
  EXPECT_EQ(acronis_collectd_visit(collector_, also, nullptr), -1);
}

TEST_F(CInterface, TakesNullWhereItSaysSo) {
  acronis_close(nullptr);
  acronis_options_free(nullptr);
}

}  // namespace
}  // namespace acronis
