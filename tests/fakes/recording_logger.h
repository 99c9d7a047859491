#pragma once

#include <algorithm>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/core/logger.h"

namespace acronis::fakes {

/// Keeps every line. Thread-safe.
class RecordingLogger final : public Logger {
 public:
  struct Line {
    LogLevel level;
    std::string message;
    LogFields fields;
  };

  bool Enabled(LogLevel) const override { return true; }
  void Log(LogLevel level, std::string_view message, const LogFields& fields) override {
    const std::lock_guard lock(mutex_);
    lines_.push_back({level, std::string(message), fields});
  }

  std::vector<Line> Lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  /// Every line as `LEVEL message key=value ...`.
  std::vector<std::string> Texts() const {
    static constexpr const char* kLevels[] = {"DEBUG", "INFO", "WARN", "ERROR"};
    std::vector<std::string> texts;
    for (const Line& line : Lines()) {
      std::string text = kLevels[static_cast<int>(line.level)] + (" " + line.message);
      for (const auto& field : line.fields) {
        text += " " + std::string(field.key) + "=" + field.value;
      }
      texts.push_back(std::move(text));
    }
    return texts;
  }
  std::size_t Count(std::string_view message) const {
    const auto lines = Lines();
    return static_cast<std::size_t>(std::count_if(
        lines.begin(), lines.end(), [&](const Line& line) { return line.message == message; }));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Line> lines_;
};

}  // namespace acronis::fakes
