#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "exporter/exposition/page.h"
#include "exporter/log/stream_logger.h"
#include "plugin/collector.h"
#include "plugin/core/clock.h"
#include "plugin/core/options.h"
#include "plugin/core/result.h"

namespace acronis::exporter {

/// How the polling goes, for a service manager.
struct EngineHealth {
  std::size_t accounts = 0;
  std::size_t up = 0;     ///< Whose last poll succeeded.
  std::size_t stuck = 0;  ///< That should have done something long ago, whatever the API does.
};

/// What counts and measures, without a way out: fetcher, instruments and the page that shows both.
/// Whoever owns one serves the page or writes it somewhere.
///
/// Thread-safe but for Start() and destruction. Borrows clock and logger.
class Engine {
 public:
  /// Reads the configuration anew.
  using Load = std::function<Result<CollectorOptions>()>;

  /// Takes the store; sends nothing yet. Throws std::runtime_error when `options` cannot work.
  Engine(const CollectorOptions& options, Load load, Clock& clock, StreamLogger& log);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Collector& Fetcher();
  const MetricsPage& Page() const;

  void Start();
  /// The first call begins to watch for accounts that are stuck.
  EngineHealth Health();
  /// Reads the configuration anew and takes it over, all of it or nothing. What goes wrong is in
  /// the error, the log and the metrics, and the old one goes on. Calls wait for one another.
  Status Reload();
  /// Takes over accounts, `poll`, secrets and `metrics.success_codes` while running, all or
  /// nothing, as Collector::Reload() says; the error says what is wrong or needs a restart.
  /// `options` are complete as for the constructor: checked, with the store chosen the same way.
  /// One at a time.
  Status Reload(const CollectorOptions& options);
  /// Tells the pollers to end and waits for them. May hang as long as a name look-up does.
  void Stop();
  /// Ends all writing to the store, while Stop() hangs on another thread.
  void CloseStore();

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace acronis::exporter
