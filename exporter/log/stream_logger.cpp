#include "exporter/log/stream_logger.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <utility>

#include "exporter/files/descriptor.h"
#include "exporter/log/escape.h"
#include "plugin/core/time_format.h"

namespace acronis::exporter {
namespace {

/// What logfmt readers take without quotes.
bool IsBare(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return c > ' ' && c < 0x7F && c != '"' && c != '=' && c != '\\';
  });
}

void AppendLogfmt(std::string& line, std::string_view key, std::string_view value) {
  line += line.empty() ? "" : " ";
  line += key;
  line += '=';
  if (IsBare(value)) {
    line += value;
  } else {
    AppendQuoted(line, value);
  }
}

void AppendJson(std::string& line, std::string_view key, std::string_view value) {
  line += line.empty() ? "{" : ",";
  AppendQuoted(line, key);
  line += ':';
  AppendQuoted(line, value);
}

/// With milliseconds, always three digits.
std::string FormatTime(TimePoint time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time - second).count();
  const std::string digits = std::to_string(1000 + milliseconds).substr(1);
  std::string text = FormatRfc3339(second);
  text.insert(text.size() - 1, "." + digits);
  return text;
}

/// `2020-04-22 11:00:00`, UTC.
std::string FormatSecond(TimePoint time) {
  std::string text = FormatRfc3339(std::chrono::floor<std::chrono::seconds>(time));
  std::ranges::replace(text, 'T', ' ');
  text.pop_back();
  return text;
}

/// What stands in front of the message where it is not `msg=`.
std::string Prefix(LogFormat format, LogLevel level, TimePoint now) {
  static constexpr std::array kLetters = {"D! ", "I! ", "W! ", "E! "};
  static constexpr std::array kWords = {"DEBUG", "INFO", "WARNING", "ERROR"};
  const auto index = static_cast<std::size_t>(level);
  return format == LogFormat::kTelegraf
             ? kLetters.at(index)
             : FormatSecond(now) + ": acronis-tasks.plugin: " + kWords.at(index) + ": ";
}

std::string Json(TimePoint now, LogLevel level, std::string_view message, const LogFields& fields) {
  std::string line;
  AppendJson(line, "time", FormatTime(now));
  AppendJson(line, "level", ToLabel(level));
  AppendJson(line, "msg", message);
  for (const LogField& field : fields) {
    AppendJson(line, field.key, field.value);
  }
  return line + "}";
}

/// For people, and all agents but those that read JSON.
std::string Text(LogFormat format, TimePoint now, LogLevel level, std::string_view message,
                 const LogFields& fields) {
  std::string line;
  if (format == LogFormat::kTelegraf || format == LogFormat::kNetdata) {
    line = Prefix(format, level, now);
    AppendPrintable(line, message);
  } else {
    if (format == LogFormat::kLogfmt) {
      AppendLogfmt(line, "time", FormatTime(now));
    }
    AppendLogfmt(line, "level", ToLabel(level));
    AppendLogfmt(line, "msg", message);
  }
  for (const LogField& field : fields) {
    AppendLogfmt(line, field.key, field.value);
  }
  return line;
}

}  // namespace

std::string_view ToLabel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

StreamLogger::StreamLogger(int descriptor, LogOptions options, const Clock& clock)
    : descriptor_(descriptor), options_(options), clock_(clock) {}

void StreamLogger::Log(LogLevel level, std::string_view message, const LogFields& fields) {
  if (!Enabled(level)) {
    return;
  }
  const TimePoint now = clock_.Now();
  Write(level,
        (options_.format == LogFormat::kJson ? Json(now, level, message, fields)
                                             : Text(options_.format, now, level, message, fields)) +
            "\n");
}

void StreamLogger::Write(LogLevel level, std::string_view line) {
  const std::lock_guard lock(mutex_);
  WriteAll(descriptor_, line);
  if (hook_) {
    hook_(level);
  }
}

void StreamLogger::OnLine(std::function<void(LogLevel)> hook) {
  const std::lock_guard lock(mutex_);
  hook_ = std::move(hook);
}

}  // namespace acronis::exporter
