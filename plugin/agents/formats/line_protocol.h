#pragma once

#include <string>

#include "plugin/core/clock.h"
#include "plugin/metrics/sample.h"

namespace acronis::agents {

/// A page in InfluxDB's line protocol, for Telegraf's `inputs.execd` and whoever else reads it.
///
/// A metric's name is split where the program's names have their first part: measurement
/// `acronis_tasks`, field `completed_total`; joined by `_` they are the name again, which is how
/// VictoriaMetrics reads it. Labels are tags. Fields of one measurement and the same tags share a
/// line; all lines carry the time `at` in nanoseconds.
///
/// Every value is a float: a field whose type changes is refused by InfluxDB, and so Telegraf's own
/// Prometheus input does it. What is not finite has no line. A tag cannot hold a control character
/// or end in a backslash: the former become pictures (WithoutControls), a backslash U+FF3C; an
/// empty label is left out.
std::string LineProtocol(const metrics::Families& page, TimePoint at);

}  // namespace acronis::agents
