#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "plugin/agents/c/acronis_collector.h"
#include "plugin/collector.h"
#include "plugin/metrics/sample_list.h"
#include "plugin/metrics/task_table.h"

/// A collector and what it borrows. The name is that of the C interface.
struct acronis_collector {
 public:
  acronis_collector(acronis::CollectorOptions options, acronis_log_function log, void* log_context)
      : options_(std::move(options)), log_(log, log_context), table_(options_.metrics) {}

  acronis::Status Open() {
    auto opened = acronis::Collector::Open(
        options_, {.clock = clock_, .log = log_, .telemetry = telemetry_, .on_fatal = {}});
    if (!opened) {
      return std::move(opened).error();
    }
    core_ = *std::move(opened);
    return acronis::Ok{};
  }

  /// REQUIRES: Open() succeeded, as for all below.
  acronis::Collector& Core() { return *core_; }
  const acronis::metrics::TaskTable& Table() const { return table_; }
  const acronis::CollectorOptions& Options() const { return options_; }
  const acronis::Clock& Time() const { return clock_; }

  /// Of the accounts whose last poll failed, one behind the other.
  std::string LastError() const {
    std::string errors;
    const auto snapshot = core_->TakeSnapshot();
    for (const acronis::AccountView& view : snapshot->accounts) {
      if (!view.last_error.empty()) {
        errors += (errors.empty() ? "" : "; ") + view.counts->account + ": " + view.last_error;
      }
    }
    return errors;
  }

 private:
  class LineLogger final : public acronis::Logger {
   public:
    LineLogger(acronis_log_function function, void* context)
        : function_(function), context_(context) {}
    bool Enabled(acronis::LogLevel /*level*/) const override { return function_ != nullptr; }
    void Log(acronis::LogLevel level, std::string_view message,
             const acronis::LogFields& fields) override;

   private:
    acronis_log_function function_;
    void* context_;
  };

  acronis::CollectorOptions options_;
  acronis::SystemClock clock_;
  LineLogger log_;
  acronis::Telemetry telemetry_;
  acronis::metrics::TaskTable table_;
  std::unique_ptr<acronis::Collector> core_;  // Last: it uses the others.
};

namespace acronis::agents {

/// What `snapshot` says in metrics.
inline metrics::Families PageOf(const Snapshot& snapshot, const metrics::TaskTable& table) {
  metrics::SampleList list;
  table.WriteRest(snapshot, table.WriteTasks(snapshot.accounts, list), list);
  return list.Take();
}

}  // namespace acronis::agents
