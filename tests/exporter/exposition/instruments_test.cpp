#include "exporter/instruments/instruments.h"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "exporter/exposition/registry_writer.h"
#include "exporter/exposition/text_writer.h"
#include "tests/exporter/exposition/page_reader.h"

namespace acronis::exporter {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const InstrumentsOptions kOptions{
    .accounts = {"emea", "apac"},
    .build = {.version = "1.2.3", .revision = "abc", .compiler = "gcc"}};

std::string Render(const Instruments& instruments) {
  TextWriter writer;
  WriteFamilies(instruments.Collect(), writer);
  const PagePart part = writer.Finish();
  return MergeParts({&part});
}

TEST(Instruments, ShowEveryKnownSeriesAtZeroFromTheStart) {
  const std::string page = Render(Instruments(kOptions));
  for (const std::string account : {"apac", "emea"}) {
    const std::string label = "account=\"" + account + "\"";
    for (const ErrorKind kind : kPollFailureKinds) {
      EXPECT_EQ(ValueOf(page, "acronis_exporter_poll_failures_total{" + label + ",reason=\"" +
                                  std::string(ToLabel(kind)) + "\"}"),
                "0");
    }
    for (const std::string reason :
         {"auth", "network", "rate_limited", "server_error", "timeout"}) {
      EXPECT_EQ(ValueOf(page, "acronis_exporter_api_retries_total{" + label + ",reason=\"" +
                                  reason + "\"}"),
                "0");
    }
    for (const std::string result : {"error", "success"}) {
      const std::string labels = "{" + label + ",result=\"" + result + "\"}";
      EXPECT_EQ(ValueOf(page, "acronis_exporter_polls_total" + labels), "0");
      EXPECT_EQ(ValueOf(page, "acronis_exporter_token_refreshes_total" + labels), "0");
    }
    for (const std::string endpoint : {"tasks", "token"}) {
      for (const std::string code : {"200", "error"}) {
        EXPECT_EQ(ValueOf(page, "acronis_exporter_api_requests_total{" + label + ",code=\"" + code +
                                    "\",endpoint=\"" + endpoint + "\"}"),
                  "0");
      }
      EXPECT_EQ(ValueOf(page, "acronis_exporter_api_request_duration_seconds_count{" + label +
                                  ",endpoint=\"" + endpoint + "\"}"),
                "0");
    }
    for (const std::string name :
         {"api_received_bytes_total", "api_pages_total", "api_pages_repaired_total",
          "api_throttled_seconds_total", "poll_duration_seconds_count",
          "task_arrival_delay_seconds_count"}) {
      EXPECT_EQ(ValueOf(page, "acronis_exporter_" + name + "{" + label + "}"), "0");
    }
  }
  for (const std::string level : {"debug", "error", "info", "warn"}) {
    EXPECT_EQ(ValueOf(page, "acronis_exporter_log_messages_total{level=\"" + level + "\"}"), "0");
  }
  EXPECT_EQ(ValueOf(page, "acronis_exporter_store_commit_duration_seconds_count"), "0");
  EXPECT_EQ(ValueOf(page, "acronis_exporter_label_repairs_total{label=\"queue\"}"), "0");
  EXPECT_EQ(ValueOf(page,
                    "acronis_exporter_build_info{compiler=\"gcc\",revision=\"abc\","
                    "version=\"1.2.3\"}"),
            "1");
}

TEST(Instruments, ShowEventTimesOnlyAfterTheEvent) {
  Instruments instruments(kOptions);
  const std::vector<std::string> series = {
      R"(acronis_exporter_last_successful_poll_timestamp_seconds{account="emea"})",
      R"(acronis_exporter_token_expiry_timestamp_seconds{account="emea"})",
      R"(acronis_exporter_clock_skew_seconds{account="emea"})"};
  instruments.PollDone("emea", ErrorKind::kTimeout, seconds(1), TimePoint(seconds(5)));
  instruments.TokenRefreshed("emea", false, std::nullopt);
  for (const std::string& name : series) {
    EXPECT_FALSE(HasSeries(Render(instruments), name)) << name;
  }

  instruments.PollDone("emea", std::nullopt, seconds(1), TimePoint(milliseconds(7500)));
  instruments.TokenRefreshed("emea", true, TimePoint(seconds(9)));
  instruments.ClockSkew("emea", milliseconds(-1500));
  const std::string page = Render(instruments);
  EXPECT_EQ(ValueOf(page, series[0]), "7.5");
  EXPECT_EQ(ValueOf(page, series[1]), "9");
  EXPECT_EQ(ValueOf(page, series[2]), "-1.5");

  instruments.ClockSkew("emea", seconds(2));
  EXPECT_EQ(ValueOf(Render(instruments), series[2]), "2");
}

TEST(Instruments, CountPollsAndTheirFailures) {
  Instruments instruments(kOptions);
  instruments.PollDone("emea", std::nullopt, milliseconds(1500), TimePoint(seconds(1)));
  instruments.PollDone("emea", ErrorKind::kRateLimited, seconds(400), TimePoint(seconds(2)));
  const std::string page = Render(instruments);
  EXPECT_EQ(ValueOf(page, R"(acronis_exporter_polls_total{account="emea",result="success"})"), "1");
  EXPECT_EQ(ValueOf(page, R"(acronis_exporter_polls_total{account="emea",result="error"})"), "1");
  EXPECT_EQ(
      ValueOf(page,
              R"(acronis_exporter_poll_failures_total{account="emea",reason="rate_limited"})"),
      "1");
  const std::string duration = "acronis_exporter_poll_duration_seconds";
  EXPECT_EQ(ValueOf(page, duration + R"(_bucket{account="emea",le="1.0"})"), "0");
  EXPECT_EQ(ValueOf(page, duration + R"(_bucket{account="emea",le="2.5"})"), "1");
  EXPECT_EQ(ValueOf(page, duration + R"(_bucket{account="emea",le="300.0"})"), "1");
  EXPECT_EQ(ValueOf(page, duration + R"(_bucket{account="emea",le="+Inf"})"), "2");
  EXPECT_EQ(ValueOf(page, duration + R"(_sum{account="emea"})"), "401.5");
  EXPECT_EQ(ValueOf(page, R"(acronis_exporter_polls_total{account="apac",result="error"})"), "0");
}

TEST(Instruments, TellWhetherTheLastReloadWasAcceptedAndWhenOneWas) {
  const std::string successful = "acronis_exporter_config_last_reload_successful";
  const std::string time = "acronis_exporter_config_last_reload_success_timestamp_seconds";
  Instruments instruments(kOptions);
  EXPECT_FALSE(HasSeries(Render(instruments), successful));
  instruments.ConfigReloaded(true, TimePoint(milliseconds(7500)));
  EXPECT_EQ(ValueOf(Render(instruments), successful), "1");
  EXPECT_EQ(ValueOf(Render(instruments), time), "7.5");
  instruments.ConfigReloaded(false, TimePoint(seconds(9)));
  EXPECT_EQ(ValueOf(Render(instruments), successful), "0");
  EXPECT_EQ(ValueOf(Render(instruments), time), "7.5") << "it was refused";
}

TEST(Instruments, DoNotCountACancelledPoll) {
  Instruments instruments(kOptions);
  instruments.PollDone("emea", ErrorKind::kCancelled, seconds(1), TimePoint(seconds(1)));
  const std::string page = Render(instruments);
  EXPECT_EQ(ValueOf(page, R"(acronis_exporter_polls_total{account="emea",result="error"})"), "0");
  EXPECT_EQ(page.find("cancelled"), std::string::npos);
}

TEST(Instruments, CountRequestsByEndpointAndCode) {
  Instruments instruments(kOptions);
  instruments.RequestDone("emea", Endpoint::kTasks, 200, milliseconds(3), 1000);
  instruments.RequestDone("emea", Endpoint::kTasks, 200, milliseconds(3), 500);
  instruments.RequestDone("emea", Endpoint::kToken, 401, milliseconds(3), 10);
  instruments.RequestDone("emea", Endpoint::kTasks, 0, seconds(30), 0);
  instruments.RequestDone("emea", Endpoint::kTasks, 99999, seconds(30), 0);
  const std::string page = Render(instruments);
  const auto requests = [&](const std::string& endpoint, const std::string& code) {
    return ValueOf(page, "acronis_exporter_api_requests_total{account=\"emea\",code=\"" + code +
                             "\",endpoint=\"" + endpoint + "\"}");
  };
  EXPECT_EQ(requests("tasks", "200"), "2");
  EXPECT_EQ(requests("token", "401"), "1");
  EXPECT_EQ(requests("tasks", "error"), "2");
  EXPECT_EQ(requests("token", "200"), "0");
  EXPECT_EQ(page.find("99999"), std::string::npos);
  EXPECT_EQ(ValueOf(page, R"(acronis_exporter_api_received_bytes_total{account="emea"})"), "1510");
  EXPECT_EQ(ValueOf(page,
                    "acronis_exporter_api_request_duration_seconds_count{account=\"emea\","
                    "endpoint=\"tasks\"}"),
            "4");
}

TEST(Instruments, CountEverythingElse) {
  Instruments instruments(kOptions);
  instruments.Retried("emea", ErrorKind::kNetwork);
  instruments.Throttled("emea", milliseconds(2500));
  instruments.TokenRefreshed("emea", true, std::nullopt);
  instruments.TokenRefreshed("emea", false, std::nullopt);
  instruments.PageRead("emea");
  instruments.PageRepaired("emea");
  instruments.TaskArrived("emea", seconds(61));
  instruments.StoreCommitted(milliseconds(2));
  instruments.LabelRepaired("queue");
  instruments.CountLogLine(LogLevel::kDebug);
  instruments.CountLogLine(LogLevel::kInfo);
  instruments.CountLogLine(LogLevel::kWarn);
  instruments.CountLogLine(LogLevel::kError);
  instruments.CountLogLine(LogLevel::kError);

  const std::string page = Render(instruments);
  const auto value = [&](const std::string& series) {
    return ValueOf(page, "acronis_exporter_" + series);
  };
  EXPECT_EQ(value(R"(api_retries_total{account="emea",reason="network"})"), "1");
  EXPECT_EQ(value(R"(api_throttled_seconds_total{account="emea"})"), "2.5");
  EXPECT_EQ(value(R"(token_refreshes_total{account="emea",result="success"})"), "1");
  EXPECT_EQ(value(R"(token_refreshes_total{account="emea",result="error"})"), "1");
  EXPECT_EQ(value(R"(api_pages_total{account="emea"})"), "1");
  EXPECT_EQ(value(R"(api_pages_repaired_total{account="emea"})"), "1");
  EXPECT_EQ(value(R"(task_arrival_delay_seconds_bucket{account="emea",le="60.0"})"), "0");
  EXPECT_EQ(value(R"(task_arrival_delay_seconds_bucket{account="emea",le="300.0"})"), "1");
  EXPECT_EQ(value(R"(store_commit_duration_seconds_bucket{le="0.0025"})"), "1");
  EXPECT_EQ(value(R"(label_repairs_total{label="queue"})"), "1");
  EXPECT_EQ(value(R"(log_messages_total{level="debug"})"), "1");
  EXPECT_EQ(value(R"(log_messages_total{level="info"})"), "1");
  EXPECT_EQ(value(R"(log_messages_total{level="warn"})"), "1");
  EXPECT_EQ(value(R"(log_messages_total{level="error"})"), "2");
}

TEST(Instruments, IgnoreAnAccountThatIsNotConfigured) {
  Instruments instruments(kOptions);
  instruments.PageRead("nobody");
  instruments.PageRepaired("nobody");
  instruments.RequestDone("nobody", Endpoint::kTasks, 200, seconds(1), 1);
  instruments.PollDone("nobody", ErrorKind::kAuth, seconds(1), TimePoint(seconds(1)));
  EXPECT_EQ(Render(instruments).find("nobody"), std::string::npos);
}

TEST(Instruments, CountForAnAnnouncedAccountAndShowItLater) {
  Instruments instruments(kOptions);
  instruments.PageRead("new");
  instruments.Announce({"emea", "new"});
  instruments.PageRead("new");
  EXPECT_EQ(Render(instruments).find("new"), std::string::npos);
  instruments.ShowOnly({"emea", "new"});
  const std::string page = Render(instruments);
  EXPECT_EQ(ValueOf(page, R"(acronis_exporter_api_pages_total{account="new"})"), "1");
  EXPECT_EQ(ValueOf(page, R"(acronis_exporter_polls_total{account="new",result="error"})"), "0");
}

TEST(Instruments, TakeAnAccountAwayAndGoOnWithItWhenItReturns) {
  Instruments instruments({.accounts = {"apac"}});
  instruments.PollDone("apac", std::nullopt, seconds(1), TimePoint(seconds(7)));
  instruments.ShowOnly({});
  instruments.PageRead("apac");  // It is just stopping.
  const std::string without = Render(instruments);
  EXPECT_EQ(without.find("apac"), std::string::npos);
  EXPECT_EQ(without.find("acronis_exporter_polls_total"), std::string::npos)
      << "no family without a series";
  EXPECT_NE(without.find("acronis_exporter_build_info"), std::string::npos);
  instruments.ShowOnly({"apac"});
  const std::string page = Render(instruments);
  EXPECT_EQ(ValueOf(page, R"(acronis_exporter_polls_total{account="apac",result="success"})"), "1");
  EXPECT_EQ(ValueOf(page, R"(acronis_exporter_api_pages_total{account="apac"})"), "1");
}

TEST(Instruments, TakeReportsWhileAccountsComeAndGo) {
  Instruments instruments(kOptions);
  constexpr int kRounds = 60;
  {
    const std::jthread reports([&] {
      for (int n = 0; n < kRounds; ++n) {
        instruments.PageRead("emea");
        instruments.PageRead("account" + std::to_string(n));
      }
    });
    for (int n = 0; n < kRounds; ++n) {
      const std::string name = "account" + std::to_string(n);
      instruments.Announce({name});
      EXPECT_EQ(Render(instruments).find(name), std::string::npos);
      instruments.ShowOnly({"emea", name});
      instruments.ShowOnly({"emea"});
    }
  }
  EXPECT_EQ(ValueOf(Render(instruments), R"(acronis_exporter_api_pages_total{account="emea"})"),
            std::to_string(kRounds));
}

TEST(Instruments, LoseNothingWhenThreadsReportAtTheSameTime) {
  Instruments instruments(kOptions);
  constexpr int kThreads = 4;
  constexpr int kReports = 500;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < kReports; ++n) {
          instruments.PageRead("emea");
          instruments.RequestDone("emea", Endpoint::kTasks, 503, milliseconds(1), 2);
          instruments.ClockSkew("emea", seconds(3));
          instruments.StoreCommitted(milliseconds(1));
        }
      });
    }
    for (int n = 0; n < 20; ++n) {
      EXPECT_FALSE(instruments.Collect().empty());
    }
  }
  const std::string page = Render(instruments);
  const std::string all = std::to_string(kThreads * kReports);
  EXPECT_EQ(ValueOf(page, R"(acronis_exporter_api_pages_total{account="emea"})"), all);
  EXPECT_EQ(ValueOf(page,
                    "acronis_exporter_api_requests_total{account=\"emea\",code=\"503\","
                    "endpoint=\"tasks\"}"),
            all);
  EXPECT_EQ(ValueOf(page, "acronis_exporter_store_commit_duration_seconds_count"), all);
  EXPECT_EQ(ValueOf(page, R"(acronis_exporter_clock_skew_seconds{account="emea"})"), "3");
}

}  // namespace
}  // namespace acronis::exporter
