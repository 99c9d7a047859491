#include "exporter/commands/list.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fcntl.h>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "exporter/commands/signals.h"
#include "plugin/core/time_format.h"
#include "tests/fakes/output_file.h"

namespace acronis::exporter {
namespace {

using test::OutputFile;

Task Finished() {
  Task task;
  task.id = 1587553200123456789;
  task.queue = "backup";
  task.type = "policy.apply";
  task.state = "completed";
  task.result_code = "ok";
  task.tenant_id = "42";
  task.enqueued_at = ParseRfc3339("2020-04-22T10:00:00Z");
  task.started_at = ParseRfc3339("2020-04-22T10:01:00.5Z");
  task.updated_at = ParseRfc3339("2020-04-22T11:00:01Z");
  task.completed_at = ParseRfc3339("2020-04-22T11:00:00.123456789Z");
  task.details = {"0f8fad5b-d9cb-469f-a165-70867728950e", "Zürich AG", "db1", "daily", ""};
  return task;
}

Task Odd() {
  Task task;
  task.id = 7;
  task.state = "enqueued";
  task.queue = "a,\"b\"\nc";
  task.details.tenant_name = "\x1B[2JEvil\xFF";
  return task;
}

CollectorOptions Accounts(const std::vector<std::string>& names) {
  CollectorOptions options;
  for (const std::string& name : names) {
    options.accounts.emplace_back();
    options.accounts.back().name = name;
  }
  return options;
}

/// Gives two pages of one task each, then `end`.
TaskSource TwoPages(Status end) {
  return [end = std::move(end)](const AccountOptions&, const TaskReadRequest&, const auto& sink,
                                const std::stop_token& stop) -> Status {
    for (const std::vector<Task>& page : {std::vector{Finished()}, std::vector{Odd()}}) {
      if (stop.stop_requested()) {
        return Error{ErrorKind::kCancelled, "stopped"};
      }
      sink(TaskReadPage{page});
    }
    return end;
  };
}

std::string Listed(ListFormat format) {
  const OutputFile out;
  const OutputFile err;
  const ListArguments arguments{.format = format};
  EXPECT_EQ(
      RunList(arguments, Accounts({"a"}), TwoPages(Ok{}), {out.Descriptor(), err.Descriptor()}),
      kExitOk);
  EXPECT_EQ(err.Text(), "") << "no progress when it is not a terminal";
  return out.Text();
}

TEST(List, PrintsATable) {
  // clang-format off
  const std::string table =
      "COMPLETED             STATE      RESULT     QUEUE                     TYPE                      TENANT                    RESOURCE                  ID\n"
      "2020-04-22T11:00:00Z  completed  ok         backup                    policy.apply              Z\u00fcrich AG                 db1                       1587553200123456789\n"
      "-                     enqueued   -          a,\"b\"\ufffdc                   -                         \ufffd[2JEvil\ufffd                 -                         7\n";
  // clang-format on
  EXPECT_EQ(Listed(ListFormat::kTable), table);
}

TEST(List, PrintsOneJsonObjectALine) {
  EXPECT_EQ(
      Listed(ListFormat::kJson),
      "{\"id\":\"1587553200123456789\",\"uuid\":\"0f8fad5b-d9cb-469f-a165-70867728950e\","
      "\"state\":\"completed\",\"resultCode\":\"ok\",\"queue\":\"backup\",\"type\":\"policy."
      "apply\","
      "\"tenantId\":\"42\",\"tenantName\":\"Zürich AG\",\"resourceName\":\"db1\","
      "\"policyName\":\"daily\",\"enqueuedAt\":\"2020-04-22T10:00:00Z\","
      "\"startedAt\":\"2020-04-22T10:01:00.5Z\",\"updatedAt\":\"2020-04-22T11:00:01Z\","
      "\"completedAt\":\"2020-04-22T11:00:00.123456789Z\",\"error\":null}\n"
      "{\"id\":\"7\",\"uuid\":null,\"state\":\"enqueued\",\"resultCode\":null,"
      "\"queue\":\"a,\\\"b\\\"\\nc\",\"type\":null,\"tenantId\":null,"
      "\"tenantName\":\"\\u001b[2JEvil\xEF\xBF\xBD\",\"resourceName\":null,\"policyName\":null,"
      "\"enqueuedAt\":null,\"startedAt\":null,\"updatedAt\":null,\"completedAt\":null,"
      "\"error\":null}\n");
}

TEST(List, PrintsCsv) {
  EXPECT_EQ(Listed(ListFormat::kCsv),
            "id,uuid,state,resultCode,queue,type,tenantId,tenantName,resourceName,policyName,"
            "enqueuedAt,startedAt,updatedAt,completedAt,error\n"
            "1587553200123456789,0f8fad5b-d9cb-469f-a165-70867728950e,completed,ok,backup,"
            "policy.apply,42,Zürich AG,db1,daily,2020-04-22T10:00:00Z,2020-04-22T10:01:00.5Z,"
            "2020-04-22T11:00:01Z,2020-04-22T11:00:00.123456789Z,\n"
            "7,,enqueued,,\"a,\"\"b\"\"\nc\",,,\x1B[2JEvil\xFF,,,,,,,\n");
}

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

Outcome RunListed(const ListArguments& arguments, const CollectorOptions& options, Status end) {
  const OutputFile out;
  const OutputFile err;
  const int code =
      RunList(arguments, options, TwoPages(std::move(end)), {out.Descriptor(), err.Descriptor()});
  return {code, out.Text(), err.Text()};
}

TEST(List, AFailureAfterSomePagesHasAnExitCode) {
  const Outcome outcome = RunListed(ListArguments{.format = ListFormat::kJson}, Accounts({"a"}),
                                    Error{ErrorKind::kServerError, "HTTP 500: out\nof order"});
  EXPECT_EQ(outcome.code, kExitFailure);
  EXPECT_NE(outcome.out, "");
  EXPECT_EQ(outcome.err, "acronis_task_exporter: HTTP 500: out\xEF\xBF\xBDof order\n");
}

TEST(List, AWrongFilterIsRefusedBeforeAnythingIsRead) {
  ListArguments arguments;
  arguments.request.filters = {{"completedAt", "after(yesterday)"}};
  const Outcome outcome = RunListed(arguments, Accounts({"a"}), Ok{});
  EXPECT_EQ(outcome.code, kExitUsage);
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("completedAt"), std::string::npos) << outcome.err;
}

TEST(List, AWrongPageSizeIsRefused) {
  ListArguments arguments;
  arguments.request.page_size = 1001;
  EXPECT_EQ(RunListed(arguments, Accounts({"a"}), Ok{}).code, kExitUsage);
}

TEST(List, AsksWhichOfSeveralAccounts) {
  const Outcome outcome = RunListed(ListArguments{}, Accounts({"emea", "apac"}), Ok{});
  EXPECT_EQ(outcome.code, kExitUsage);
  EXPECT_EQ(outcome.err, "acronis_task_exporter: --account is needed; accounts are: emea, apac\n");
}

TEST(List, NamesTheAccountsWhenThereIsNoSuchOne) {
  const Outcome outcome =
      RunListed(ListArguments{.account = "us"}, Accounts({"emea", "apac"}), Ok{});
  EXPECT_EQ(outcome.code, kExitUsage);
  EXPECT_EQ(outcome.err,
            "acronis_task_exporter: --account: there is no 'us'; accounts are: emea, apac\n");
}

TEST(List, ReadsTheAccountAskedFor) {
  const OutputFile out;
  const OutputFile err;
  std::string read;
  const TaskSource source = [&read](const AccountOptions& account, const TaskReadRequest&,
                                    const auto&, const std::stop_token&) -> Status {
    read = account.name;
    return Ok{};
  };
  EXPECT_EQ(RunList({.account = "apac"}, Accounts({"emea", "apac"}), source,
                    {out.Descriptor(), err.Descriptor()}),
            kExitOk);
  EXPECT_EQ(read, "apac");
}

TEST(List, AReaderThatHasEnoughEndsItQuietly) {
  IgnoreBrokenPipes();
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  close(pipe_ends[0]);
  const OutputFile err;
  EXPECT_EQ(RunList({}, Accounts({"a"}), TwoPages(Ok{}), {pipe_ends[1], err.Descriptor()}),
            kExitOk);
  close(pipe_ends[1]);
  EXPECT_EQ(err.Text(), "");
}

TEST(List, AFullDiskIsAFailure) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  const OutputFile err;
  EXPECT_EQ(RunList({}, Accounts({"a"}), TwoPages(Ok{}), {full, err.Descriptor()}), kExitFailure);
  close(full);
  EXPECT_NE(err.Text().find("cannot write: No space left"), std::string::npos) << err.Text();
}

TEST(List, ShowsProgressOnATerminal) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_GE(terminal, 0);
  ASSERT_EQ(grantpt(terminal), 0);
  ASSERT_EQ(unlockpt(terminal), 0);
  const int slave = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  ASSERT_GE(slave, 0);
  const OutputFile out;
  EXPECT_EQ(RunList({}, Accounts({"a"}), TwoPages(Ok{}), {out.Descriptor(), slave}), kExitOk);
  close(slave);  // Ends what there is to read.
  std::string shown;
  std::array<char, 1024> buffer{};
  for (ssize_t length = 1; length > 0;) {
    length = read(terminal, buffer.data(), buffer.size());
    shown.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
  }
  EXPECT_NE(shown.find("1 tasks, 1 pages"), std::string::npos) << shown;
  EXPECT_TRUE(shown.ends_with("\r\x1B[K")) << "it leaves nothing behind";
  close(terminal);
}

}  // namespace
}  // namespace acronis::exporter
