#include "exporter/commands/command_line.h"

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace acronis::exporter {
namespace {

std::variant<CommandLine, Answer> Parse(std::vector<std::string> words) {
  std::vector<const char*> argv = {"acronis_task_exporter"};
  for (const std::string& word : words) {
    argv.push_back(word.c_str());
  }
  return ParseCommandLine(static_cast<int>(argv.size()), argv.data());
}

CommandLine Parsed(std::vector<std::string> words) {
  auto parsed = Parse(std::move(words));
  if (const auto* const answer = std::get_if<Answer>(&parsed)) {
    ADD_FAILURE() << answer->text;
    return {};
  }
  return std::get<CommandLine>(std::move(parsed));
}

TEST(CommandLine, ServesWithoutAnyWord) {
  const CommandLine line = Parsed({});
  const auto& serve = std::get<ServeArguments>(line.command);
  EXPECT_EQ(serve.web.listen_addresses, std::vector<std::string>{":10977"});
  EXPECT_EQ(serve.web.telemetry_path, "/metrics");
  EXPECT_FALSE(serve.config_file);
  EXPECT_FALSE(serve.check_only);
  EXPECT_EQ(line.log.level, LogLevel::kInfo);
  EXPECT_EQ(line.log.format, LogFormat::kLogfmt);
}

class ServeFlags : public ::testing::TestWithParam<bool> {};

TEST_P(ServeFlags, StandBeforeOrBehindServe) {
  std::vector<std::string> words = {"--config.file=/c.yaml",
                                    "--config.check",
                                    "--web.listen-address=:1",
                                    "--web.listen-address",
                                    "[::1]:2",
                                    "--web.telemetry-path=/m",
                                    "--log.level=debug",
                                    "--log.format=json",
                                    "--web.config.file=/w.yaml",
                                    "--web.max-requests=0",
                                    "--web.enable-lifecycle",
                                    "--web.systemd-socket"};
  words.insert(GetParam() ? words.begin() : words.end(), "serve");
  const CommandLine line = Parsed(words);
  const auto& serve = std::get<ServeArguments>(line.command);
  EXPECT_EQ(serve.config_file, "/c.yaml");
  EXPECT_TRUE(serve.check_only);
  EXPECT_EQ(serve.web.listen_addresses, (std::vector<std::string>{":1", "[::1]:2"}));
  EXPECT_EQ(serve.web.telemetry_path, "/m");
  EXPECT_EQ(serve.web.config_file, "/w.yaml");
  EXPECT_EQ(serve.web.max_requests, 0U);
  EXPECT_TRUE(serve.web.enable_lifecycle);
  EXPECT_TRUE(serve.web.systemd_socket);
  EXPECT_EQ(line.log.level, LogLevel::kDebug);
  EXPECT_EQ(line.log.format, LogFormat::kJson);
}

INSTANTIATE_TEST_SUITE_P(Places, ServeFlags, ::testing::Bool());

TEST(CommandLine, CheckTakesWhatItCounts) {
  const CommandLine line =
      Parsed({"check", "--since=2h", "-w", "~:3", "--critical=@5:9", "--queue=a", "--queue=b",
              "--result-code=ok", "--account=emea", "--success-codes=ok,warning", "-t", "7",
              "--from=http://h/m", "--from.username=u", "--from.password-file=p",
              "--from.ca-file=c", "--state-dir=/s", "--value"});
  const auto& check = std::get<CheckArguments>(line.command);
  EXPECT_EQ(check.since, std::chrono::hours(2));
  EXPECT_EQ(check.warning->text, "~:3");
  EXPECT_EQ(check.critical->text, "@5:9");
  EXPECT_EQ(check.queues, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(check.result_codes, std::vector<std::string>{"ok"});
  EXPECT_EQ(check.success_codes, (std::vector<std::string>{"ok", "warning"}));
  EXPECT_EQ(check.account, "emea");
  EXPECT_EQ(check.timeout, std::chrono::seconds(7));
  EXPECT_EQ(check.from.url, "http://h/m");
  EXPECT_EQ(check.from.username, "u");
  EXPECT_EQ(check.from.password_file, "p");
  EXPECT_EQ(check.from.ca_file, "c");
  EXPECT_EQ(check.state_directory, "/s");
  EXPECT_EQ(check.output, CheckOutput::kValue);
}

TEST(CommandLine, FromTakesACertificateToShow) {
  const CommandLine line =
      Parsed({"check", "--from=https://h", "--from.cert-file=c", "--from.key-file=k"});
  const auto& from = std::get<CheckArguments>(line.command).from;
  EXPECT_EQ(from.cert_file, "c");
  EXPECT_EQ(from.key_file, "k");
}

struct WrongCheck {
  std::string name;
  std::vector<std::string> words;
  std::string said;
};
class WrongCheckLine : public ::testing::TestWithParam<WrongCheck> {};

TEST_P(WrongCheckLine, IsUnknownInOneLine) {
  std::vector<std::string> words = GetParam().words;
  words.insert(words.begin(), "check");
  const auto parsed = Parse(words);
  const auto* const answer = std::get_if<Answer>(&parsed);
  ASSERT_NE(answer, nullptr);
  EXPECT_EQ(answer->exit_code, 3);
  EXPECT_FALSE(answer->is_error);
  EXPECT_TRUE(answer->text.starts_with("ACRONIS_TASKS UNKNOWN - ")) << answer->text;
  EXPECT_NE(answer->text.find(GetParam().said), std::string::npos) << answer->text;
  EXPECT_EQ(answer->text.find('\n') + 1, answer->text.size()) << answer->text;
}

INSTANTIATE_TEST_SUITE_P(
    Lines, WrongCheckLine,
    ::testing::Values(
        WrongCheck{"Flag", {"--bogus"}, "--bogus"},
        WrongCheck{"Range", {"-c", "20:10"}, "must be a range such as 10"},
        WrongCheck{"Code", {"--result-code=fine"}, "must be one of ok, warning"},
        WrongCheck{"Since", {"--since=0"}, "must be more than 0"},
        WrongCheck{"EmptyQueue", {"--queue=", "--result-code=error"}, "--queue: must not be empty"},
        WrongCheck{"EmptyAccount", {"--account", ""}, "--account: must not be empty"},
        WrongCheck{
            "EmptyCode", {"--result-code=", "--queue=a"}, "--result-code: '' is not accepted"},
        WrongCheck{"EmptySpan", {"--since="}, "--since: '' is not accepted"},
        WrongCheck{"Both", {"--from=http://h", "--config.file=c"}, "excludes"},
        WrongCheck{"Stray", {"--web.max-requests=1"}, "--web.max-requests"}),
    [](const auto& instance) { return instance.param.name; });

TEST(CommandLine, GivesZabbixNothingOnStandardOutputWhenItIsWrong) {
  const auto parsed = Parse({"check", "--value", "--bogus"});
  const auto* const answer = std::get_if<Answer>(&parsed);
  ASSERT_NE(answer, nullptr);
  EXPECT_EQ(answer->exit_code, 1);
  EXPECT_TRUE(answer->is_error);
}

TEST(CommandLine, ListTakesFiltersAsOftenAsGiven) {
  const CommandLine line =
      Parsed({"list", "--completed-at", "gt(2020-04-22T11:00:00Z)", "--completed-at=lt(2021)",
              "--state=started", "--state=paused", "--result-code", "error", "--order",
              "asc(completedAt)", "--limit=7", "--page-size=20", "--lod=full", "--account=emea",
              "--format=csv", "--config.file=c.yaml"});
  const auto& list = std::get<ListArguments>(line.command);
  EXPECT_EQ(list.config_file, "c.yaml");
  EXPECT_EQ(list.account, "emea");
  EXPECT_EQ(list.format, ListFormat::kCsv);
  EXPECT_EQ(list.request.order, "asc(completedAt)");
  EXPECT_EQ(list.request.max_tasks, 7U);
  EXPECT_EQ(list.request.page_size, 20);
  EXPECT_EQ(list.request.lod, "full");
  std::vector<std::string> filters;
  for (const auto& [field, value] : list.request.filters) {
    filters.push_back(field + "=" + value);
  }
  std::sort(filters.begin(), filters.end());
  EXPECT_EQ(filters, (std::vector<std::string>{"completedAt=gt(2020-04-22T11:00:00Z)",
                                               "completedAt=lt(2021)", "resultCode=error",
                                               "state=paused", "state=started"}));
}

TEST(CommandLine, SimulateHasAWorld) {
  const CommandLine line = Parsed(
      {"simulate", "--listen-address=127.0.0.1:0", "--control-address=127.0.0.1:1", "--seed=7",
       "--history=2h", "--rate=0.5", "--queues=8", "--tenants=3", "--scenario=bad-night",
       "--client-id=me", "--client-secret-file=/s", "--no-tls", "--directory=/d"});
  const auto& simulate = std::get<SimulateArguments>(line.command);
  EXPECT_EQ(simulate.listen_address, "127.0.0.1:0");
  EXPECT_EQ(simulate.control_address, "127.0.0.1:1");
  EXPECT_EQ(simulate.world.seed, 7U);
  EXPECT_EQ(simulate.world.history, std::chrono::hours(2));
  EXPECT_EQ(simulate.world.rate, 0.5);
  EXPECT_EQ(simulate.world.queues, 8);
  EXPECT_EQ(simulate.world.tenants, 3);
  EXPECT_TRUE(simulate.world.bad_night);
  EXPECT_EQ(simulate.client_id, "me");
  EXPECT_EQ(simulate.client_secret_file, "/s");
  EXPECT_FALSE(simulate.tls);
  EXPECT_EQ(simulate.directory, "/d");
}

TEST(CommandLine, DemoNeedsNothing) {
  const auto demo = std::get<DemoArguments>(Parsed({"demo"}).command);
  EXPECT_TRUE(demo.listen_addresses.empty());
  EXPECT_EQ(demo.world.seed, 1U);
}

struct WrongCase {
  std::string name;
  std::vector<std::string> words;
  std::string message;
};
class WrongCommandLine : public ::testing::TestWithParam<WrongCase> {};

TEST_P(WrongCommandLine, EndsWithTwoAndSaysWhy) {
  const auto parsed = Parse(GetParam().words);
  const auto* const answer = std::get_if<Answer>(&parsed);
  ASSERT_NE(answer, nullptr);
  EXPECT_EQ(answer->exit_code, kExitUsage);
  EXPECT_NE(answer->text.find(GetParam().message), std::string::npos) << answer->text;
  EXPECT_NE(answer->text.find("--help"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Words, WrongCommandLine,
    ::testing::Values(
        WrongCase{"UnknownFlag", {"--nonsense"}, "--nonsense"},
        WrongCase{"UnknownCommand", {"sevre"}, "sevre"},
        WrongCase{"TwoCommands", {"serve", "list"}, "list"},
        WrongCase{"NoValue", {"--config.file"}, "--config.file"},
        WrongCase{
            "EmptyValue", {"--log.level=", "--config.check"}, "--log.level: '' is not accepted"},
        WrongCase{"Level", {"--log.level=loud"}, "must be one of debug, error, info, warn"},
        WrongCase{"Format", {"list", "--format=xml"}, "must be one of csv, json, table"},
        WrongCase{"Address", {"--web.listen-address=here"}, "HOST:PORT"},
        WrongCase{"Port", {"--web.listen-address=:65536"}, "HOST:PORT"},
        WrongCase{"Path", {"--web.telemetry-path=metrics"}, "a path such as /metrics"},
        WrongCase{"PathTaken", {"--web.telemetry-path=/-/healthy"}, "not /"},
        WrongCase{"History", {"demo", "--history=1"}, "1h30m"},
        WrongCase{"Limit", {"list", "--limit=-1"}, "--limit"},
        WrongCase{"FlagOfAnother", {"list", "--web.listen-address=:1"}, "not a flag of list"},
        WrongCase{"FlagOfAnotherBefore", {"--config.check", "demo"}, "not a flag of demo"},
        WrongCase{"NegativeMaxRequests", {"--web.max-requests=-1"}, "--web.max-requests"},
        WrongCase{"PathOfOurs", {"--web.telemetry-path=/-/reload"}, "--web.telemetry-path"}),
    [](const auto& instance) { return instance.param.name; });

TEST(CommandLine, HelpHasExamplesAndVersionHasLibraries) {
  const auto help = std::get<Answer>(Parse({"--help"}));
  EXPECT_EQ(help.exit_code, kExitOk);
  EXPECT_NE(help.text.find("Examples:\n"), std::string::npos);
  EXPECT_NE(help.text.find("acronis_task_exporter demo"), std::string::npos);
  const auto list_help = std::get<Answer>(Parse({"list", "--help"}));
  EXPECT_NE(list_help.text.find("--completed-at 'gt(2020-04-22T11:00:00Z)'"), std::string::npos);
  const auto version = std::get<Answer>(Parse({"--version"}));
  EXPECT_EQ(version.exit_code, kExitOk);
  for (const char* const library :
       {"acronis_task_exporter ", "revision ", "Poco ", "simdjson ", "SQLite ", "prometheus-cpp ",
        "yaml-cpp ", "CLI11 ", "zlib ", "OpenSSL "}) {
    EXPECT_NE(version.text.find(library), std::string::npos) << library;
  }
}

}  // namespace
}  // namespace acronis::exporter
