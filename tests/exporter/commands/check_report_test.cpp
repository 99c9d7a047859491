#include "exporter/commands/check_report.h"

#include <string>

#include <gtest/gtest.h>

namespace acronis::exporter {
namespace {

WindowCounts Counts() {
  WindowCounts counts;
  counts.completed = {{{"emea", "backup", "error"}, 3},
                      {{"emea", "backup", "ok"}, 100},
                      {{"emea", "restore", "ok"}, 17}};
  counts.window = "1h";
  return counts;
}

CheckRanges Ranges(const std::string& warning, const std::string& critical) {
  return {ParseNagiosRange(warning), ParseNagiosRange(critical)};
}

TEST(CheckReport, SaysWhatFailedWithPerformanceDataAndQueues) {
  EXPECT_EQ(CheckReport(Counts(), {}, Ranges("0", "5")),
            "ACRONIS_TASKS WARNING - 3 of 120 tasks failed in 1h | failed=3;0;5;0 "
            "completed=120;;;0 'backup/error'=3;;;0\n"
            "backup: 3 of 103\n");
}

TEST(CheckReport, SaysWhichResultsWereCounted) {
  CheckScope scope;
  scope.result_codes = {"ok", "warning"};
  EXPECT_EQ(CheckReport(Counts(), scope, Ranges("", "1:")),
            "ACRONIS_TASKS OK - 117 of 120 tasks ended with ok or warning in 1h | "
            "counted=117;;1:;0 completed=120;;;0 'backup/ok'=100;;;0 'restore/ok'=17;;;0\n"
            "backup: 100 of 103\n"
            "restore: 17 of 17\n");
}

TEST(CheckReport, NamesAccountsWhereThereAreSeveral) {
  WindowCounts counts = Counts();
  counts.several_accounts = true;
  EXPECT_NE(CheckReport(counts, {}, {}).find(" 'emea/backup/error'=3;;;0\nemea/backup: 3 of 103\n"),
            std::string::npos);
}

TEST(CheckReport, CannotBeBrokenByNames) {
  WindowCounts counts;
  counts.completed = {{{"a", "x|y='\"`\\\n\x1B[2J\xC2\x9B", "error"}, 1}};
  counts.notes = {"a note\nwith | and a second line"};
  const std::string report = CheckReport(counts, {}, {});
  EXPECT_NE(report.find(" 'x_y_____; \xEF\xBF\xBD[2J\xEF\xBF\xBD/error'=1;;;0\n"),
            std::string::npos)
      << report;
  EXPECT_EQ(report.find('|'), report.rfind('|')) << report;
  EXPECT_TRUE(report.ends_with("a note; with _ and a second line\n")) << report;
}

TEST(CheckReport, HasTheTwentyLargestSeriesAndTheRest) {
  WindowCounts counts;
  for (int i = 1; i <= 25; ++i) {
    counts.completed[{"a", "q" + std::to_string(i), "error"}] = static_cast<std::uint64_t>(i);
  }
  const std::string report = CheckReport(counts, {}, {});
  EXPECT_NE(report.find(" 'q25/error'=25;;;0 'q24/error'=24;;;0 "), std::string::npos) << report;
  EXPECT_NE(report.find(" 'q6/error'=6;;;0 '_other'=15;;;0\n"), std::string::npos) << report;
  EXPECT_EQ(report.find("q5/"), std::string::npos) << report;
  EXPECT_NE(report.find("\nq16: 16 of 16\n"), std::string::npos) << report;
  EXPECT_EQ(report.find("\nq15:"), std::string::npos) << report;
}

TEST(CheckReport, OfTroubleIsOneLine) {
  EXPECT_EQ(UnknownReport("first\nsecond | third\n"),
            "ACRONIS_TASKS UNKNOWN - first; second _ third\n");
}

TEST(CheckReport, SaysWhatIsNotKnown) {
  WindowCounts counts = Counts();
  counts.incomplete = "account emea: its last poll failed";
  const std::string report = CheckReport(counts, {}, Ranges("", "5"));
  EXPECT_TRUE(
      report.starts_with("ACRONIS_TASKS UNKNOWN - 3 of 120 tasks failed in 1h, as far as "
                         "known: account emea: its last poll failed | "))
      << report;
}

struct Verdict {
  std::string name;
  std::uint64_t counted;
  std::string warning;
  std::string critical;
  bool complete;
  CheckState state;
};
class JudgeTest : public ::testing::TestWithParam<Verdict> {};

TEST_P(JudgeTest, FollowsTheRanges) {
  WindowCounts counts;
  counts.incomplete = GetParam().complete ? "" : "why";
  EXPECT_EQ(Judge(GetParam().counted, counts, Ranges(GetParam().warning, GetParam().critical)),
            GetParam().state);
}

INSTANTIATE_TEST_SUITE_P(
    Verdicts, JudgeTest,
    ::testing::Values(Verdict{"Ok", 0, "0", "5", true, CheckState::kOk},
                      Verdict{"Warning", 1, "0", "5", true, CheckState::kWarning},
                      Verdict{"Critical", 6, "0", "5", true, CheckState::kCritical},
                      Verdict{"CriticalOnly", 1, "", "0", true, CheckState::kCritical},
                      Verdict{"WarningOnly", 9, "0", "", true, CheckState::kWarning},
                      Verdict{"TooFew", 0, "", "1:", true, CheckState::kCritical},
                      Verdict{"NotAllKnown", 0, "0", "5", false, CheckState::kUnknown},
                      Verdict{"WarnedButNotAllKnown", 1, "0", "5", false, CheckState::kUnknown},
                      Verdict{"TooManyAnyway", 6, "0", "5", false, CheckState::kCritical},
                      Verdict{"TooFewSoFar", 0, "", "1:", false, CheckState::kUnknown},
                      Verdict{"InsideSoFar", 7, "", "@5:9", false, CheckState::kUnknown}),
    [](const auto& instance) { return instance.param.name; });

TEST(DiscoveryReport, IsAnArrayOfMacros) {
  WindowCounts counts;
  counts.completed = {{{"a", "b\"c", "ok"}, 1}, {{"a", "d", "error"}, 0}};
  EXPECT_EQ(DiscoveryReport(counts),
            R"([{"{#ACCOUNT}":"a","{#QUEUE}":"b\"c","{#RESULT_CODE}":"ok"},)"
            R"({"{#ACCOUNT}":"a","{#QUEUE}":"d","{#RESULT_CODE}":"error"}])"
            "\n");
  EXPECT_EQ(DiscoveryReport({}), "[]\n");
}

}  // namespace
}  // namespace acronis::exporter
