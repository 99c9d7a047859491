#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "exporter/commands/flags.h"

namespace acronis::exporter {
namespace {

constexpr const char* kListExamples = R"(
Examples:
  acronis_task_exporter list --completed-at 'gt(2020-04-22T11:00:00Z)' --state completed
  acronis_task_exporter list --state started --state paused --order 'asc(enqueuedAt)' --format json
  acronis_task_exporter list --result-code error --type backup --limit 100 --format csv

A filter may be given several times. Times and ids take gt(...), ge(...), lt(...) and le(...).
The account comes from --config.file or the environment, as for serve.
Exit codes: 0 everything was printed, 1 failed (what was printed is not all), 2 wrong command
line or a filter that the API does not have.)";

/// A filter of `GET /tasks` as a flag of `list`.
struct FilterFlag {
  const char* flag;
  const char* field;
};
constexpr std::array kFilterFlags = {
    FilterFlag{"--state", "state"},
    FilterFlag{"--result-code", "resultCode"},
    FilterFlag{"--queue", "queue"},
    FilterFlag{"--type", "type"},
    FilterFlag{"--priority", "priority"},
    FilterFlag{"--id", "id"},
    FilterFlag{"--uuid", "uuid"},
    FilterFlag{"--completed-at", "completedAt"},
    FilterFlag{"--enqueued-at", "enqueuedAt"},
    FilterFlag{"--assigned-at", "assignedAt"},
    FilterFlag{"--started-at", "startedAt"},
    FilterFlag{"--updated-at", "updatedAt"},
    FilterFlag{"--policy-id", "policyId"},
    FilterFlag{"--policy-name", "policyName"},
    FilterFlag{"--policy-type", "policyType"},
    FilterFlag{"--resource-id", "resourceId"},
    FilterFlag{"--resource-name", "resourceName"},
    FilterFlag{"--resource-type", "resourceType"},
    FilterFlag{"--started-by", "startedBy"},
    FilterFlag{"--executor-id", "executorId"},
    FilterFlag{"--workflow-id", "workflowId"},
    FilterFlag{"--tag", "tag"},
    FilterFlag{"--affinity-agent-id", "affinityAgentId"},
    FilterFlag{"--affinity-cluster-id", "affinityClusterId"},
    FilterFlag{"--allow-deleted", "allow_deleted"},
};

void AddFilters(CLI::App& to, TaskReadRequest& request) {
  for (const FilterFlag& filter : kFilterFlags) {
    const auto add = [&request, &filter](const std::string& value) {
      request.filters.emplace_back(filter.field, value);
    };
    OnePerFlag(to.add_option_function<std::vector<std::string>>(
                     filter.flag,
                     [add](const std::vector<std::string>& values) {
                       std::for_each(values.begin(), values.end(), add);
                     },
                     std::string("Filter by ") + filter.field)
                   ->type_name("VALUE")
                   ->group("Filters"));
  }
}

}  // namespace

CLI::App* AddListCommand(CLI::App& to, ListArguments& arguments, std::string& config_file) {
  CLI::App* const list = to.add_subcommand("list", "Print tasks that match filters");
  list->footer(kListExamples);
  AddConfigFile(*list, config_file);
  list->add_option("--account", arguments.account, "Which account, when there are several")
      ->type_name("NAME");
  AddChoice<ListFormat>(
      *list, "--format", arguments.format,
      {{"table", ListFormat::kTable}, {"json", ListFormat::kJson}, {"csv", ListFormat::kCsv}},
      "Form of the output (json: one object a line)")
      ->default_str("table");
  TaskReadRequest& request = arguments.request;
  AddFilters(*list, request);
  list->add_option("--order", request.order, "asc(FIELD) or desc(FIELD)")->type_name("ORDER");
  list->add_option("--limit", request.max_tasks, "At most so many tasks; 0: all")
      ->check(CheckCount)
      ->type_name("NUMBER")
      ->capture_default_str();
  list->add_option("--page-size", request.page_size, "Tasks per request, 1 to 1000")
      ->type_name("NUMBER")
      ->capture_default_str();
  list->add_option("--lod", request.lod, "Level of detail: tiny, short, long, full, debug")
      ->type_name("LOD");
  return list;
}

}  // namespace acronis::exporter
