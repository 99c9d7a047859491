#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "exporter/commands/flags.h"
#include "plugin/core/duration.h"
#include "plugin/core/task.h"

namespace acronis::exporter {
namespace {

constexpr const char* kCheckExamples = R"(
Examples:
  # critical as soon as a task failed in the last hour
  acronis_task_exporter check --config.file=/etc/acronis-task-exporter/config.yaml

  # the same, asked of a running exporter
  acronis_task_exporter check --from=http://localhost:10977/metrics

  # critical when no backup succeeded since yesterday
  acronis_task_exporter check --since=24h --queue=backup --result-code=ok --critical=1:

Ranges are those of the Nagios plugins: 10, 10:, ~:10, 10:20, @10:20.
Exit codes: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN, also for a wrong command line. With --value and
--lld 0 done, 1 failed.)";

std::string CheckRange(const std::string& text) {
  return ParseNagiosRange(text)
             ? std::string()
             : "'" + text + "' is not accepted: must be " + std::string(kRangeForm);
}

std::string CheckNotEmpty(const std::string& text) {
  return text.empty() ? "must not be empty; left out, all are counted" : std::string();
}

/// More than nothing; a bare number means seconds where other plugins have it so.
std::string CheckSpan(const std::string& text) {
  const auto span = ParseDuration(text);
  return span && span->count() > 0
             ? std::string()
             : "'" + text + "' is not accepted: must be more than 0, " + std::string(kDurationForm);
}

std::string WithUnit(const std::string& text) {
  const bool bare = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  return bare ? text + "s" : text;
}

void AddSpan(CLI::App& to, const char* flags, std::chrono::nanoseconds& span,
             const char* description, const char* usual) {
  to.add_option_function<std::string>(
        flags, [&span](const std::string& text) { span = *ParseDuration(text); }, description)
      ->check(CheckSpan)
      ->transform(WithUnit)
      ->type_name("DURATION")
      ->default_str(usual);
}

void AddRange(CLI::App& to, const char* flags, std::optional<NagiosRange>& range,
              const char* description) {
  to.add_option_function<std::string>(
        flags, [&range](const std::string& text) { range = ParseNagiosRange(text); }, description)
      ->check(CheckRange)
      ->type_name("RANGE");
}

void AddScope(CLI::App& to, CheckArguments& arguments) {
  to.add_option("--account", arguments.account, "This account only")
      ->check(CheckNotEmpty)
      ->type_name("NAME");
  OnePerFlag(to.add_option("--queue", arguments.queues, "This queue only; several times: these")
                 ->check(CheckNotEmpty)
                 ->type_name("QUEUE"));
  OnePerFlag(to.add_option("--result-code", arguments.result_codes,
                           "Count tasks with this result; without it all that are no success")
                 ->check(CheckResultCode)
                 ->type_name("CODE"));
  AddSuccessCodes(to, arguments.success_codes);
}

void AddOutput(CLI::App& to, CheckOutput& output) {
  CLI::Option* const value = to.add_flag_callback(
      "--value", [&output] { output = CheckOutput::kValue; },
      "Print the number of counted tasks and nothing else, for Zabbix");
  to.add_flag_callback(
        "--lld", [&output] { output = CheckOutput::kDiscovery; },
        "Print accounts, queues and result codes for Zabbix to discover")
      ->excludes(value);
}

}  // namespace

CLI::App* AddCheckCommand(CLI::App& to, CheckArguments& arguments, std::string& config_file) {
  CLI::App* const check = to.add_subcommand(
      "check", "Check the tasks of the last hour or so, as a plugin of Nagios, Icinga or Zabbix");
  check->footer(kCheckExamples);
  AddConfigFile(*check, config_file);
  AddFrom(*check, arguments.from);
  check->get_option("--from")->excludes(check->get_option("--config.file"));
  AddSpan(*check, "--since", arguments.since, "How far back the window reaches", "1h");
  AddRange(*check, "-w,--warning", arguments.warning, "Warn outside of this range");
  AddRange(*check, "-c,--critical", arguments.critical,
           "Critical outside of this range; 0 when there is no range at all");
  AddScope(*check, arguments);
  AddSpan(*check, "-t,--timeout", arguments.timeout, "For all of it", "10s");
  check
      ->add_option_function<std::string>(
          "--state-dir",
          [&arguments](const std::string& text) { arguments.state_directory = text; },
          "Where checks with --from remember what they saw")
      ->type_name("DIRECTORY");
  AddOutput(*check, arguments.output);
  return check;
}

}  // namespace acronis::exporter
