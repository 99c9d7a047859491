#include "exporter/log/stream_logger.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <unistd.h>
#include <utility>

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
  const auto append = options_.format == LogFormat::kJson ? AppendJson : AppendLogfmt;
  std::string line;
  append(line, "time", FormatTime(clock_.Now()));
  append(line, "level", ToLabel(level));
  append(line, "msg", message);
  for (const LogField& field : fields) {
    append(line, field.key, field.value);
  }
  line += options_.format == LogFormat::kJson ? "}\n" : "\n";
  Write(level, line);
}

void StreamLogger::Write(LogLevel level, std::string_view line) {
  const std::lock_guard lock(mutex_);
  while (!line.empty()) {
    const ssize_t written = ::write(descriptor_, line.data(), line.size());
    if (written < 0 && errno != EINTR) {
      break;
    }
    line.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
  if (hook_) {
    hook_(level);
  }
}

void StreamLogger::OnLine(std::function<void(LogLevel)> hook) {
  const std::lock_guard lock(mutex_);
  hook_ = std::move(hook);
}

}  // namespace acronis::exporter
