#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "plugin/core/clock.h"
#include "plugin/core/logger.h"

namespace acronis::exporter {

enum class LogFormat { kLogfmt, kJson };

struct LogOptions {
  LogLevel level = LogLevel::kInfo;  ///< The least that is written.
  LogFormat format = LogFormat::kLogfmt;
};

/// `debug`, `info`, `warn`, `error`.
std::string_view ToLabel(LogLevel level);

/// Writes log lines to a file descriptor, each with one write:
/// `time=2020-04-22T11:00:00.123Z level=info msg="poll failed" account=emea`, or the same keys as
/// one JSON object a line. No value can break its line or control a terminal. A line that cannot
/// be written is lost; a reader that does not read makes the writer wait, as with every pipe.
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
