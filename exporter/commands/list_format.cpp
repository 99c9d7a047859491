#include "exporter/commands/list_format.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include "exporter/log/escape.h"
#include "plugin/core/time_format.h"

namespace acronis::exporter {
namespace {

constexpr std::size_t kFields = 15;
/// Of JSON and CSV, in the order of Values().
constexpr std::array<std::string_view, kFields> kNames = {
    "id",         "uuid",      "state",      "resultCode",   "queue",
    "type",       "tenantId",  "tenantName", "resourceName", "policyName",
    "enqueuedAt", "startedAt", "updatedAt",  "completedAt",  "error"};

std::string Time(const std::optional<TimePoint>& time) {
  return time ? FormatRfc3339(*time) : std::string();
}

std::array<std::string, kFields> Values(const Task& task) {
  return {std::to_string(task.id),
          task.details.uuid,
          task.state,
          task.result_code,
          task.queue,
          task.type,
          task.tenant_id,
          task.details.tenant_name,
          task.details.resource_name,
          task.details.policy_name,
          Time(task.enqueued_at),
          Time(task.started_at),
          Time(task.updated_at),
          Time(task.completed_at),
          task.details.error_text};
}

void AppendJson(const Task& task, std::string& out) {
  const auto values = Values(task);
  for (std::size_t field = 0; field < kFields; ++field) {
    out += field == 0 ? "{" : ",";
    AppendQuoted(out, kNames[field]);
    out += ':';
    if (values[field].empty()) {
      out += "null";
    } else {
      AppendQuoted(out, values[field]);
    }
  }
  out += "}\n";
}

void AppendCsvValue(std::string_view value, std::string& out) {
  if (value.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += value;
    return;
  }
  out += '"';
  for (const char c : value) {
    out += c;
    if (c == '"') {
      out += c;
    }
  }
  out += '"';
}

void AppendCsv(const Task& task, std::string& out) {
  const auto values = Values(task);
  for (std::size_t field = 0; field < kFields; ++field) {
    out += field == 0 ? "" : ",";
    AppendCsvValue(values[field], out);
  }
  out += '\n';
}

struct Column {
  std::string_view title;
  std::size_t width;
};
constexpr std::array kColumns = {Column{"COMPLETED", 20}, Column{"STATE", 9}, Column{"RESULT", 9},
                                 Column{"QUEUE", 24},     Column{"TYPE", 24}, Column{"TENANT", 24},
                                 Column{"RESOURCE", 24},  Column{"ID", 19}};

/// Characters rather than bytes. REQUIRES: valid UTF-8.
std::size_t Width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void AppendRow(const std::array<std::string, kColumns.size()>& cells, std::string& out) {
  for (std::size_t column = 0; column < kColumns.size(); ++column) {
    std::string cell;
    AppendPrintable(cell, cells[column].empty() ? "-" : cells[column]);
    out += cell;
    if (column + 1 < kColumns.size()) {
      const std::size_t width = Width(cell);
      out.append(width < kColumns[column].width ? kColumns[column].width - width : 0, ' ');
      out += "  ";
    }
  }
  out += '\n';
}

void AppendTableRow(const Task& task, std::string& out) {
  const auto completed =
      task.completed_at
          ? std::optional<TimePoint>(std::chrono::floor<std::chrono::seconds>(*task.completed_at))
          : std::nullopt;
  const bool named = !task.details.tenant_name.empty();
  AppendRow({Time(completed), task.state, task.result_code, task.queue, task.type,
             named ? task.details.tenant_name : task.tenant_id, task.details.resource_name,
             std::to_string(task.id)},
            out);
}

std::string TableHeader() {
  std::array<std::string, kColumns.size()> titles;
  std::ranges::transform(kColumns, titles.begin(),
                         [](const Column& column) { return std::string(column.title); });
  std::string out;
  AppendRow(titles, out);
  return out;
}

std::string CsvHeader() {
  std::string out;
  for (const std::string_view name : kNames) {
    out += (out.empty() ? "" : ",") + std::string(name);
  }
  return out + "\n";
}

}  // namespace

std::string ListHeader(ListFormat format) {
  switch (format) {
    case ListFormat::kTable:
      return TableHeader();
    case ListFormat::kCsv:
      return CsvHeader();
    case ListFormat::kJson:
      break;
  }
  return {};
}

void AppendTask(ListFormat format, const Task& task, std::string& out) {
  switch (format) {
    case ListFormat::kTable:
      AppendTableRow(task, out);
      break;
    case ListFormat::kJson:
      AppendJson(task, out);
      break;
    case ListFormat::kCsv:
      AppendCsv(task, out);
      break;
  }
}

}  // namespace acronis::exporter
