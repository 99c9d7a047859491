#include "exporter/log/stream_logger.h"

#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <Poco/Dynamic/Var.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <gtest/gtest.h>

#include "exporter/log/escape.h"
#include "tests/fakes/output_file.h"

namespace acronis::exporter {
namespace {

using test::OutputFile;

class FixedClock final : public Clock {
 public:
  explicit FixedClock(std::int64_t nanoseconds = 1'587'553'200'123'456'789)
      : now_(std::chrono::nanoseconds(nanoseconds)) {}

  TimePoint Now() const override { return now_; }
  MonotonicTime Monotonic() const override { return {}; }
  bool SleepFor(std::chrono::nanoseconds /*delay*/, const std::stop_token& /*stop*/) override {
    return true;
  }

 private:
  TimePoint now_;
};

std::string Logged(LogOptions options, std::string_view message, const LogFields& fields) {
  const OutputFile output;
  const FixedClock clock;
  StreamLogger logger(output.Descriptor(), options, clock);
  logger.Warn(message, fields);
  return output.Text();
}

TEST(StreamLogger, WritesLogfmt) {
  EXPECT_EQ(Logged({}, "poll failed", {{"account", "emea"}, {"error", "no route"}, {"n", ""}}),
            "time=2020-04-22T11:00:00.123Z level=warn msg=\"poll failed\" account=emea "
            "error=\"no route\" n=\"\"\n");
}

TEST(StreamLogger, WritesWhatAgentsRead) {
  const LogFields fields{{"account", "emea"}, {"error", "no\nroute"}};
  EXPECT_EQ(Logged({.format = LogFormat::kTelegraf}, "poll failed", fields),
            "W! poll failed account=emea error=\"no\\nroute\"\n");
  EXPECT_EQ(Logged({.format = LogFormat::kNetdata}, "poll failed", fields),
            "2020-04-22 11:00:00: acronis-tasks.plugin: WARNING: poll failed account=emea "
            "error=\"no\\nroute\"\n");
  EXPECT_EQ(Logged({.format = LogFormat::kCollectd}, "poll failed", fields),
            "level=warn msg=\"poll failed\" account=emea error=\"no\\nroute\"\n");
}

TEST(StreamLogger, WritesJson) {
  EXPECT_EQ(Logged({.format = LogFormat::kJson}, "poll failed", {{"account", "emea"}}),
            "{\"time\":\"2020-04-22T11:00:00.123Z\",\"level\":\"warn\",\"msg\":\"poll failed\","
            "\"account\":\"emea\"}\n");
}

struct EscapeCase {
  std::string name;
  std::string value;
  std::string logfmt;
};
class StreamLoggerEscapes : public ::testing::TestWithParam<EscapeCase> {};

TEST_P(StreamLoggerEscapes, InLogfmt) {
  EXPECT_EQ(Logged({}, "m", {{"k", GetParam().value}}),
            "time=2020-04-22T11:00:00.123Z level=warn msg=m k=" + GetParam().logfmt + "\n");
}

TEST_P(StreamLoggerEscapes, InJsonThatReadsBack) {
  const std::string line = Logged({.format = LogFormat::kJson}, "m", {{"k", GetParam().value}});
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  Poco::JSON::Parser parser;
  const auto object = parser.parse(line).extract<Poco::JSON::Object::Ptr>();
  std::string expected = GetParam().value;
  if (GetParam().name == "InvalidUtf8") {
    expected = "a\xEF\xBF\xBD";
  }
  EXPECT_EQ(object->getValue<std::string>("k"), expected);
}

INSTANTIATE_TEST_SUITE_P(
    Values, StreamLoggerEscapes,
    ::testing::Values(EscapeCase{"NewLine", "a\nb", R"("a\nb")"},
                      EscapeCase{"CarriageReturn", "a\rb", R"("a\rb")"},
                      EscapeCase{"Tab", "a\tb", R"("a\tb")"},
                      EscapeCase{"Quote", "a\"b", R"("a\"b")"},
                      EscapeCase{"Backslash", "a\\b", R"("a\\b")"},
                      EscapeCase{"Equals", "a=b", R"("a=b")"},
                      EscapeCase{"TerminalEscape", "\x1B[2J", R"("\u001b[2J")"},
                      EscapeCase{"C1Control", "\xC2\x9B", R"("\u009b")"},
                      EscapeCase{"Delete", "\x7F", R"("\u007f")"},
                      EscapeCase{"LineSeparator", "\xE2\x80\xA8", R"("\u2028")"},
                      EscapeCase{"Umlaut", "Zürich", "\"Zürich\""},
                      EscapeCase{"Emoji", "\xF0\x9F\x98\x80", "\"\xF0\x9F\x98\x80\""},
                      EscapeCase{"InvalidUtf8", "a\xFF", "\"a\xEF\xBF\xBD\""}),
    [](const auto& instance) { return instance.param.name; });

TEST(StreamLogger, TimesHaveThreeDigitsAlways) {
  const OutputFile output;
  const FixedClock clock(1'587'553'200'070'000'000);
  StreamLogger logger(output.Descriptor(), {}, clock);
  logger.Info("m");
  EXPECT_EQ(output.Text(), "time=2020-04-22T11:00:00.070Z level=info msg=m\n");
}

TEST(StreamLogger, DropsWhatIsBelowItsLevel) {
  const OutputFile output;
  const FixedClock clock;
  StreamLogger logger(output.Descriptor(), {.level = LogLevel::kWarn}, clock);
  int lines = 0;
  logger.OnLine([&lines](LogLevel /*level*/) { ++lines; });
  logger.Debug("a");
  logger.Info("b");
  EXPECT_FALSE(logger.Enabled(LogLevel::kInfo));
  EXPECT_EQ(output.Text(), "");
  logger.Error("c");
  EXPECT_EQ(lines, 1);
}

TEST(StreamLogger, TellsTheHookEachLevel) {
  const OutputFile output;
  const FixedClock clock;
  StreamLogger logger(output.Descriptor(), {.level = LogLevel::kDebug}, clock);
  std::vector<LogLevel> levels;
  logger.OnLine([&levels](LogLevel level) { levels.push_back(level); });
  logger.Debug("a");
  logger.Info("b");
  logger.Warn("c");
  logger.Error("d");
  logger.OnLine({});
  logger.Error("e");
  EXPECT_EQ(levels,
            (std::vector{LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn, LogLevel::kError}));
}

TEST(StreamLogger, LinesOfManyThreadsStayWhole) {
  constexpr int kThreads = 4;
  constexpr int kLines = 200;
  const OutputFile output;
  const FixedClock clock;
  StreamLogger logger(output.Descriptor(), {}, clock);
  const std::string value(300, 'x');
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&] {
        for (int line = 0; line < kLines; ++line) {
          logger.Info("m", {{"k", value}});
        }
      });
    }
  }
  const std::string line = "time=2020-04-22T11:00:00.123Z level=info msg=m k=" + value + "\n";
  std::string expected;
  for (int count = 0; count < kThreads * kLines; ++count) {
    expected += line;
  }
  EXPECT_EQ(output.Text(), expected);
}

TEST(Escape, PrintableTextCannotControlATerminal) {
  std::string out;
  AppendPrintable(out, "a\x1B[2J\nZ\xC3\xBC\xFF");
  EXPECT_EQ(out, "a\xEF\xBF\xBD[2J\xEF\xBF\xBDZ\xC3\xBC\xEF\xBF\xBD");
}

}  // namespace
}  // namespace acronis::exporter
