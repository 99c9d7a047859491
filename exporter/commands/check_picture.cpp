#include "exporter/commands/check_picture.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include "exporter/commands/no_such_account.h"
#include "plugin/core/duration.h"
#include "plugin/metrics/task_families.h"

namespace acronis::exporter {
namespace {

using metrics::Families;
using metrics::Sample;

std::optional<double> ValueFor(const Families& page, const metrics::FamilyInfo& family,
                               std::string_view account) {
  for (const Sample& sample : metrics::SamplesOf(page, family.name)) {
    if (sample.Label("account") == account) {
      return sample.value;
    }
  }
  return std::nullopt;
}

TaskSeries SeriesOf(const Sample& sample) {
  return {std::string(sample.Label("account")), std::string(sample.Label("queue")),
          std::string(sample.Label("result_code"))};
}

Error Refuse(std::string message) {
  return {ErrorKind::kInvalidResponse, std::move(message)};
}

Result<std::vector<std::string>> AccountsOf(const Families& page, const CheckScope& scope) {
  std::vector<std::string> accounts;
  std::string all;
  for (const Sample& sample : metrics::SamplesOf(page, metrics::task_families::kUp.name)) {
    const std::string name(sample.Label("account"));
    all += (all.empty() ? "" : ", ") + name;
    if (scope.account.empty() || scope.account == name) {
      accounts.push_back(name);
    }
  }
  if (all.empty()) {
    return Refuse("no acronis_up on the page: it is not the page of an exporter, or not all of it");
  }
  if (accounts.empty()) {
    return NoSuchAccount(scope.account, all, ErrorKind::kInvalidResponse);
  }
  std::ranges::sort(accounts);
  return accounts;
}

/// Counters beyond 2^63 are none of ours.
Result<std::uint64_t> CountOf(const Sample& sample) {
  constexpr double kMost = 9223372036854775808.0;
  if (!(sample.value >= 0 && sample.value < kMost && sample.value == std::trunc(sample.value))) {
    return Refuse(sample.name + ": not the count of anything");
  }
  return static_cast<std::uint64_t>(sample.value);
}

Status ReadTotals(const Families& page, const CheckScope& scope, ExporterPicture& picture) {
  for (const Sample& sample : metrics::SamplesOf(page, metrics::task_families::kCompleted.name)) {
    const TaskSeries series = SeriesOf(sample);
    if (!scope.Includes(series.account, series.queue)) {
      continue;
    }
    const Result<std::uint64_t> count = CountOf(sample);
    if (!count) {
      return count.error();
    }
    picture.totals[series] += *count;
  }
  for (const Sample& sample :
       metrics::SamplesOf(page, metrics::task_families::kLastCompletion.name)) {
    if (const TaskSeries series = SeriesOf(sample); scope.Includes(series.account, series.queue)) {
      picture.last_completion[series] = sample.value;
    }
  }
  return Ok{};
}

/// What is wrong with the exporter's knowledge of an account; empty if nothing is.
std::string WhyIncomplete(const Families& page, const std::string& account,
                          const Freshness& freshness) {
  if (ValueFor(page, metrics::task_families::kUp, account) != 1.0) {
    return "its last poll failed, or none has ended yet";
  }
  const std::optional<double> watermark =
      ValueFor(page, metrics::task_families::kWatermark, account);
  if (!watermark) {
    return "its first catch-up is not complete";
  }
  const std::chrono::duration<double> age(ToUnixSeconds(freshness.now) - *watermark);
  if (!(age <= freshness.oldest)) {
    return "what is known of it is older than " + DurationText(freshness.oldest);
  }
  return {};
}

}  // namespace

Result<ExporterPicture> ReadPicture(const Families& page, const CheckScope& scope,
                                    const Freshness& freshness) {
  ExporterPicture picture;
  Result<std::vector<std::string>> accounts = AccountsOf(page, scope);
  if (!accounts) {
    return std::move(accounts).error();
  }
  picture.accounts = std::move(accounts).value();
  for (const Sample& sample : metrics::SamplesOf(page, metrics::task_families::kStoreInfo.name)) {
    picture.store = sample.Label("store_id");
  }
  if (Status read = ReadTotals(page, scope, picture); !read) {
    return std::move(read).error();
  }
  for (const std::string& account : picture.accounts) {
    if (const std::string why = WhyIncomplete(page, account, freshness); !why.empty()) {
      picture.incomplete += picture.incomplete.empty() ? "account " : "; account ";
      picture.incomplete += account;
      picture.incomplete += ": " + why;
    }
    if (!ValueFor(page, metrics::task_families::kWatermark, account)) {
      picture.caught_up = false;
    }
  }
  return picture;
}

}  // namespace acronis::exporter
