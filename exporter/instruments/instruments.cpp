#include "exporter/instruments/instruments.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>

#include <prometheus/registry.h>

#include "exporter/instruments/account_instruments.h"
#include "exporter/instruments/families.h"
#include "exporter/instruments/process_metrics.h"

namespace acronis::exporter {
namespace {

std::string ToLabel(StoreOperation operation) {
  switch (operation) {
    case StoreOperation::kOpen:
      return "open";
    case StoreOperation::kCommit:
      return "commit";
    case StoreOperation::kPrune:
      return "prune";
    case StoreOperation::kCheck:
      return "check";
  }
  return {};
}

/// Takes away what is labelled with an account that is not one of `shown`.
void KeepOnly(const std::set<std::string, std::less<>>& shown,
              std::vector<prometheus::MetricFamily>& families) {
  const auto is_hidden = [&shown](const prometheus::ClientMetric& metric) {
    return std::ranges::any_of(metric.label, [&shown](const auto& label) {
      return label.name == "account" && !shown.contains(label.value);
    });
  };
  for (prometheus::MetricFamily& family : families) {
    std::erase_if(family.metric, is_hidden);
  }
  std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
}

/// The other families of a queue go to `_other` with the counter.
prometheus::Labels OverflowLabels(std::string_view label) {
  return {{"family", "acronis_tasks_completed_total"}, {"label", std::string(label)}};
}

}  // namespace

struct Instruments::State {
  explicit State(const InstrumentsOptions& options) {
    Announce(options.accounts);
    shown = {options.accounts.begin(), options.accounts.end()};
    families.build_info
        .Add({{"version", options.build.version},
              {"revision", options.build.revision},
              {"compiler", options.build.compiler}})
        .Set(1);
    families.label_repairs.Add({{"label", "queue"}});
    families.label_overflow.Add(OverflowLabels("queue"));
    for (const StoreOperation operation : {StoreOperation::kOpen, StoreOperation::kCommit,
                                           StoreOperation::kPrune, StoreOperation::kCheck}) {
      families.store_errors.Add({{"operation", ToLabel(operation)}});
    }
  }

  /// Null for a name that was not announced.
  AccountInstruments* Find(std::string_view account) {
    const std::shared_lock lock(mutex);
    const auto found = accounts.find(account);
    return found == accounts.end() ? nullptr : &found->second;
  }

  void Announce(const std::vector<std::string>& names) {
    const std::unique_lock lock(mutex);
    for (const std::string& name : names) {
      accounts.try_emplace(name, name, families);
    }
  }

  std::map<std::string, std::uint64_t> Beats() {
    const std::shared_lock lock(mutex);
    std::map<std::string, std::uint64_t> beats;
    for (const std::string& name : shown) {
      beats.emplace(name, accounts.at(name).Beats());
    }
    return beats;
  }

  void ShowOnly(const std::vector<std::string>& names) {
    const std::unique_lock lock(mutex);
    shown = {names.begin(), names.end()};
  }

  /// Asked after the registry, so that what it had of an account that came meanwhile is known to be
  /// hidden.
  void HideIn(std::vector<prometheus::MetricFamily>& collected) {
    const std::shared_lock lock(mutex);
    if (shown.size() != accounts.size()) {
      KeepOnly(shown, collected);
    }
  }

  const ProcessMetrics process;
  prometheus::Registry registry;
  Families families{registry};
  std::shared_mutex mutex;
  // Guarded by mutex. Nobody is ever taken out: what Find() returned stays.
  std::map<std::string, AccountInstruments, std::less<>> accounts;
  std::set<std::string, std::less<>> shown;  // Guarded by mutex.
  prometheus::Histogram& store_commit = families.store_commit.Add({}, OperationBounds());
  prometheus::Counter& debug_lines = families.log_messages.Add({{"level", "debug"}});
  prometheus::Counter& info_lines = families.log_messages.Add({{"level", "info"}});
  prometheus::Counter& warn_lines = families.log_messages.Add({{"level", "warn"}});
  prometheus::Counter& error_lines = families.log_messages.Add({{"level", "error"}});
};

Instruments::Instruments(const InstrumentsOptions& options)
    : state_(std::make_unique<State>(options)) {}

Instruments::~Instruments() = default;

void Instruments::RequestDone(std::string_view account, Endpoint endpoint, int status,
                              std::chrono::nanoseconds duration, std::size_t received) {
  if (auto* found = state_->Find(account)) {
    found->RequestDone(endpoint, status, duration, received);
  }
}

void Instruments::Retried(std::string_view account, ErrorKind reason) {
  if (auto* found = state_->Find(account)) {
    found->Retried(reason);
  }
}

void Instruments::Throttled(std::string_view account, std::chrono::nanoseconds waited) {
  if (auto* found = state_->Find(account)) {
    found->Throttled(waited);
  }
}

void Instruments::TokenRefreshed(std::string_view account, bool success,
                                 std::optional<TimePoint> expires_at) {
  if (auto* found = state_->Find(account)) {
    found->TokenRefreshed(success, expires_at);
  }
}

void Instruments::PageRead(std::string_view account) {
  if (auto* found = state_->Find(account)) {
    found->PageRead();
  }
}

void Instruments::PageRepaired(std::string_view account) {
  if (auto* found = state_->Find(account)) {
    found->PageRepaired();
  }
}

void Instruments::PollDone(std::string_view account, std::optional<ErrorKind> failure,
                           std::chrono::nanoseconds duration, TimePoint finished_at) {
  if (auto* found = state_->Find(account)) {
    found->PollDone(failure, duration, finished_at);
  }
}

void Instruments::ClockSkew(std::string_view account, std::chrono::nanoseconds skew) {
  if (auto* found = state_->Find(account)) {
    found->ClockSkew(skew);
  }
}

void Instruments::TaskArrived(std::string_view account, std::chrono::nanoseconds delay) {
  if (auto* found = state_->Find(account)) {
    found->TaskArrived(delay);
  }
}

void Instruments::StoreCommitted(std::chrono::nanoseconds duration) {
  state_->store_commit.Observe(ToSeconds(duration));
}

void Instruments::StoreFailed(StoreOperation operation) {
  state_->families.store_errors.Add({{"operation", ToLabel(operation)}}).Increment();
}

void Instruments::LabelOverflowed(std::string_view label, std::uint64_t increments) {
  state_->families.label_overflow.Add(OverflowLabels(label))
      .Increment(static_cast<double>(increments));
}

void Instruments::LabelRepaired(std::string_view label) {
  state_->families.label_repairs.Add({{"label", std::string(label)}}).Increment();
}

void Instruments::ConfigReloaded(bool ok, TimePoint at) {
  state_->families.config_reload_successful.Add({}).Set(ok ? 1 : 0);
  if (ok) {
    state_->families.config_reload_success_time.Add({}).Set(ToUnixSeconds(at));
  }
}

void Instruments::Announce(const std::vector<std::string>& accounts) {
  state_->Announce(accounts);
}

void Instruments::ShowOnly(const std::vector<std::string>& accounts) {
  state_->ShowOnly(accounts);
}

std::map<std::string, std::uint64_t> Instruments::Beats() const {
  return state_->Beats();
}

void Instruments::CountLogLine(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      state_->debug_lines.Increment();
      break;
    case LogLevel::kInfo:
      state_->info_lines.Increment();
      break;
    case LogLevel::kWarn:
      state_->warn_lines.Increment();
      break;
    case LogLevel::kError:
      state_->error_lines.Increment();
      break;
  }
}

std::optional<double> Instruments::ProcessStart() const {
  return state_->process.StartTime();
}

std::vector<prometheus::MetricFamily> Instruments::Collect() const {
  std::vector<prometheus::MetricFamily> families = state_->registry.Collect();
  state_->HideIn(families);
  std::vector<prometheus::MetricFamily> process = state_->process.Read();
  families.insert(families.end(), std::make_move_iterator(process.begin()),
                  std::make_move_iterator(process.end()));
  return families;
}

}  // namespace acronis::exporter
