#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "plugin/core/clock.h"
#include "plugin/core/logger.h"

namespace acronis::exporter {

/// The agents' forms are those that they read from the standard error of what they run.
enum class LogFormat {
  kLogfmt,
  kJson,
  kTelegraf,  ///< `W! poll failed account=emea`: Telegraf takes the letter for the level.
  kNetdata,   ///< `2020-04-22 11:00:00: acronis-tasks.plugin: WARNING: poll failed account=emea`.
  kCollectd,  ///< logfmt without a time: collectd has its own.
};

struct LogOptions {
  LogLevel level = LogLevel::kInfo;  ///< The least that is written.
  LogFormat format = LogFormat::kLogfmt;
};

/// `debug`, `info`, `warn`, `error`.
std::string_view ToLabel(LogLevel level);

/// Writes log lines to a file descriptor, each with one write:
/// `time=2020-04-22T11:00:00.123Z level=info msg="poll failed" account=emea`, or the same keys as
/// one JSON object a line, or as an agent wants them. No value can break its line or control a
/// terminal. A line that cannot be written is lost; a reader that does not read makes the writer
/// wait, as with every pipe.
///
/// Thread-safe. Borrows the clock and the descriptor. Holds nothing back, so there is nothing to
/// flush.
class StreamLogger final : public Logger {
 public:
  StreamLogger(int descriptor, LogOptions options, const Clock& clock);

  bool Enabled(LogLevel level) const override { return level >= options_.level; }
  void Log(LogLevel level, std::string_view message, const LogFields& fields) override;

  /// Called for every line written from now on, on the thread that logs; empty ends it. What it
  /// captures must live until then. Must not log.
  void OnLine(std::function<void(LogLevel)> hook);

 private:
  void Write(LogLevel level, std::string_view line);

  const int descriptor_;
  const LogOptions options_;
  const Clock& clock_;
  std::mutex mutex_;
  std::function<void(LogLevel)> hook_;  // Guarded by mutex_.
};

}  // namespace acronis::exporter
