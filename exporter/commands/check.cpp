#include "exporter/commands/check.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "exporter/commands/check_api.h"
#include "exporter/commands/check_counts.h"
#include "exporter/commands/check_deadline.h"
#include "exporter/commands/check_history.h"
#include "exporter/commands/check_picture.h"
#include "exporter/commands/check_report.h"
#include "exporter/commands/from.h"
#include "exporter/commands/signals.h"
#include "exporter/commands/state_file.h"
#include "exporter/exposition/text_reader.h"
#include "exporter/files/descriptor.h"
#include "plugin/core/fingerprint.h"
#include "plugin/core/task.h"
#include "plugin/page_reader.h"

namespace acronis::exporter {
namespace {

/// A watermark stands still for a while in the best of lives.
constexpr std::chrono::nanoseconds kLeastFreshness = std::chrono::minutes(10);

CheckScope ScopeOf(const CheckArguments& arguments, const MetricsOptions& metrics) {
  CheckScope scope;
  scope.account = arguments.account;
  scope.queues = arguments.queues;
  scope.result_codes = arguments.result_codes;
  scope.success_codes =
      arguments.success_codes.empty() ? metrics.success_codes : arguments.success_codes;
  return scope;
}

/// What was counted, and what for.
struct Counted {
  CheckScope scope;
  WindowCounts counts;
};

Result<Counted> FromApi(const CheckArguments& arguments, const CheckWorld& world,
                        const std::stop_token& stop) {
  const Result<CollectorOptions> options = world.load();
  if (!options) {
    return options.error();
  }
  Counted counted{ScopeOf(arguments, options->metrics), {}};
  const ApiWindow window{world.clock.Now(), arguments.since};
  Result<WindowCounts> counts =
      CountFromApi(options->accounts, counted.scope, window, world.source, stop);
  if (!counts) {
    return std::move(counts).error();
  }
  counted.counts = std::move(counts).value();
  return counted;
}

/// What tells the history of one question from those of others.
std::string QuestionOf(const CheckArguments& arguments, const std::string& url) {
  std::string question = url;
  const auto add = [&question](const char* name, std::vector<std::string> values) {
    std::ranges::sort(values);
    for (const std::string& value : values) {
      question += "\n" + std::string(name) + "=" + value;
    }
  };
  add("account", {arguments.account});
  add("queue", arguments.queues);
  add("result_code", arguments.result_codes);
  add("success_code", arguments.success_codes);
  add("since", {std::to_string(arguments.since.count())});
  return question;
}

/// The file holds the whole question.
std::string FileNameFor(std::string_view question) {
  return "check-" + Fingerprint(question) + ".json";
}

/// Empty where there is no history yet, or none that can be used; `notes` says so then.
CheckHistory Recall(const StateFile& file, const std::string& question,
                    std::vector<std::string>& notes) {
  const Result<std::string> text = file.Read();
  if (text && text->empty()) {
    return {};
  }
  Result<CheckHistory> history =
      text ? ReadHistory(*text, question) : Result<CheckHistory>(text.error());
  if (!history) {
    const std::string why =
        text ? file.Path().string() + ": " + history.error().message : history.error().message;
    notes.push_back("what earlier checks saw is lost, counting begins anew: " + why);
    return {.store = {}, .anew = true, .seen = {}};
  }
  return std::move(history).value();
}

Result<ExporterPicture> Look(const PageRequest& request, const CheckScope& scope,
                             const Freshness& freshness, const std::stop_token& stop) {
  const Result<std::string> page = ReadPage(request, stop);
  if (!page) {
    return page.error();
  }
  const Result<metrics::Families> families = ReadTextPage(*page);
  if (!families) {
    return Error{families.error().kind, request.url + ": " + families.error().message};
  }
  Result<ExporterPicture> picture = ReadPicture(*families, scope, freshness);
  if (!picture) {
    return Error{picture.error().kind, request.url + ": " + picture.error().message};
  }
  return picture;
}

Result<Counted> FromPage(const CheckArguments& arguments, const CheckWorld& world,
                         const std::stop_token& stop) {
  const PageRequest request = RequestOf(arguments.from, world.proxy, arguments.timeout);
  if (Status checked = CheckPageRequest(request); !checked) {
    return Error{checked.error().kind, "--from: " + checked.error().message};
  }
  const std::string question = QuestionOf(arguments, request.url);
  const std::filesystem::path& folder =
      arguments.state_directory.empty() ? world.state_directory : arguments.state_directory;
  const Result<StateFile> file = StateFile::Open(folder, FileNameFor(question));
  if (!file) {
    return file.error();
  }
  Counted counted{ScopeOf(arguments, {}), {}};
  const TimePoint now = world.clock.Now();
  const Freshness freshness{now, std::max(arguments.since, kLeastFreshness)};
  const Result<ExporterPicture> picture = Look(request, counted.scope, freshness, stop);
  if (!picture) {
    return picture.error();
  }
  std::vector<std::string> notes;
  CheckHistory history = Recall(*file, question, notes);
  counted.counts = CountSince(history, *picture, arguments.since, now);
  counted.counts.notes.insert(counted.counts.notes.begin(), notes.begin(), notes.end());
  if (Status written = file->Replace(WriteHistory(history, question)); !written) {
    return std::move(written).error();
  }
  return counted;
}

/// What there is to discover: of the API a queue has every result code there may be, because an
/// item is wanted before the first task fails.
WindowCounts WithEveryCode(const WindowCounts& counts) {
  WindowCounts all;
  for (const auto& [series, tasks] : counts.completed) {
    for (const ResultCode code : kResultCodes) {
      all.completed[{series.account, series.queue, std::string(ToLabel(code))}] = 0;
    }
  }
  return all;
}

WindowCounts Discovered(const CheckArguments& arguments, const Counted& counted) {
  WindowCounts found = arguments.from.url.empty() ? WithEveryCode(counted.counts) : counted.counts;
  std::erase_if(found.completed, [&](const auto& row) {
    return !arguments.result_codes.empty() && !counted.scope.Counts(row.first.result_code);
  });
  return found;
}

CheckRanges RangesOf(const CheckArguments& arguments) {
  CheckRanges ranges{arguments.warning, arguments.critical};
  if (!ranges.warning && !ranges.critical) {
    ranges.critical = ParseNagiosRange("0");
  }
  return ranges;
}

int Print(const CheckArguments& arguments, const Counted& counted, const ListStreams& streams) {
  const std::uint64_t tasks = CountedTasks(counted.counts, counted.scope);
  if (arguments.output == CheckOutput::kDiscovery) {
    WriteAll(streams.out, DiscoveryReport(Discovered(arguments, counted)));
    return kExitOk;
  }
  if (arguments.output == CheckOutput::kValue) {
    if (!counted.counts.incomplete.empty()) {
      return FailCheck(arguments.output, counted.counts.incomplete, streams);
    }
    WriteAll(streams.out, std::to_string(tasks) + "\n");
    return kExitOk;
  }
  const CheckRanges ranges = RangesOf(arguments);
  WriteAll(streams.out, CheckReport(counted.counts, counted.scope, ranges));
  return static_cast<int>(Judge(tasks, counted.counts, ranges));
}

}  // namespace

int FailCheck(CheckOutput output, std::string_view problem, const ListStreams& streams) {
  if (output == CheckOutput::kReport) {
    WriteAll(streams.out, UnknownReport(problem));
    return static_cast<int>(CheckState::kUnknown);
  }
  WriteAll(streams.err, "acronis_task_exporter: " + OneLine(problem) + "\n");
  return kExitFailure;
}

int RunCheck(const CheckArguments& arguments, const CheckWorld& world) try {
  IgnoreBrokenPipes();
  const CheckDeadline deadline(arguments.timeout, [&](const std::string& why) {
    _exit(FailCheck(arguments.output, why, world.streams));
  });
  const Result<Counted> counted = arguments.from.url.empty()
                                      ? FromApi(arguments, world, deadline.Stop())
                                      : FromPage(arguments, world, deadline.Stop());
  if (!counted) {
    const std::string why = deadline.Why();
    return FailCheck(arguments.output, why.empty() ? counted.error().message : why, world.streams);
  }
  return Print(arguments, *counted, world.streams);
} catch (const std::exception& problem) {
  // What the system refuses: a thread, a descriptor, memory.
  return FailCheck(arguments.output, problem.what(), world.streams);
}

}  // namespace acronis::exporter
