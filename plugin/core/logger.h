#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace acronis {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

/// One key=value pair of a log line.
struct LogField {
  std::string_view key;
  std::string value;
};
using LogFields = std::vector<LogField>;

/// Where log lines go: a constant message that can be searched for, and fields.
///
/// Changes of state are logged, everything else is counted. Thread-safe. The
/// fetcher only knows this face; who embeds it decides format and destination.
class Logger {
 public:
  virtual ~Logger() = default;
  /// False when a line of this level would be dropped, so that its fields need not be built.
  virtual bool Enabled(LogLevel level) const = 0;
  virtual void Log(LogLevel level, std::string_view message, const LogFields& fields) = 0;

  void Debug(std::string_view message, const LogFields& fields = {}) {
    Log(LogLevel::kDebug, message, fields);
  }
  void Info(std::string_view message, const LogFields& fields = {}) {
    Log(LogLevel::kInfo, message, fields);
  }
  void Warn(std::string_view message, const LogFields& fields = {}) {
    Log(LogLevel::kWarn, message, fields);
  }
  void Error(std::string_view message, const LogFields& fields = {}) {
    Log(LogLevel::kError, message, fields);
  }
};

}  // namespace acronis
