#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "exporter/commands/check_counts.h"
#include "exporter/commands/nagios_range.h"

namespace acronis::exporter {

/// What a plugin of Nagios says of a service; the number is its exit code.
enum class CheckState { kOk = 0, kWarning = 1, kCritical = 2, kUnknown = 3 };

struct CheckRanges {
  std::optional<NagiosRange> warning{};
  std::optional<NagiosRange> critical{};
};

/// Tasks that count against the ranges.
std::uint64_t CountedTasks(const WindowCounts& counts, const CheckScope& scope);

/// What is not known can only add tasks: with an incomplete picture, critical is what is above the
/// range already, and everything else is unknown.
CheckState Judge(std::uint64_t counted, const WindowCounts& counts, const CheckRanges& ranges);

/// `ACRONIS_TASKS CRITICAL - 3 of 120 tasks failed in 1h | failed=3;0;5;0 ...`, then lines that
/// name the queues with the most and what else is to be known. Label values cannot break it.
std::string CheckReport(const WindowCounts& counts, const CheckScope& scope,
                        const CheckRanges& ranges);

/// `ACRONIS_TASKS UNKNOWN - ...`, in one line whatever `problem` holds.
std::string UnknownReport(std::string_view problem);

/// One printable line without what ends the text of a plugin.
std::string OneLine(std::string_view text);

/// A discovery rule's rows for Zabbix, as JSON.
std::string DiscoveryReport(const WindowCounts& counts);

}  // namespace acronis::exporter
