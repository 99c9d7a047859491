#include "exporter/instruments/instruments.h"

#include <functional>
#include <iterator>
#include <map>
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

/// The other families of a queue go to `_other` with the counter.
prometheus::Labels OverflowLabels(std::string_view label) {
  return {{"family", "acronis_tasks_completed_total"}, {"label", std::string(label)}};
}

}  // namespace

struct Instruments::State {
  explicit State(const InstrumentsOptions& options) {
    for (const std::string& account : options.accounts) {
      accounts.try_emplace(account, account, families);
    }
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

  /// Null for a name that is not configured.
  AccountInstruments* Find(std::string_view account) {
    const auto found = accounts.find(account);
    return found == accounts.end() ? nullptr : &found->second;
  }

  prometheus::Registry registry;
  Families families{registry};
  // Not changed after construction, so that look-ups need no lock.
  std::map<std::string, AccountInstruments, std::less<>> accounts;
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

std::vector<prometheus::MetricFamily> Instruments::Collect() const {
  std::vector<prometheus::MetricFamily> families = state_->registry.Collect();
  std::vector<prometheus::MetricFamily> process = ReadProcessMetrics();
  families.insert(families.end(), std::make_move_iterator(process.begin()),
                  std::make_move_iterator(process.end()));
  return families;
}

}  // namespace acronis::exporter
