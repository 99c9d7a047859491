#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "exporter/commands/check_counts.h"
#include "plugin/core/clock.h"
#include "plugin/core/result.h"
#include "plugin/metrics/sample.h"

namespace acronis::exporter {

/// What a running exporter says of completed tasks, as far as the scope goes.
struct ExporterPicture {
  std::string store{};                             ///< Which store it counts into.
  std::vector<std::string> accounts{};             ///< Sorted.
  SeriesTotals totals{};                           ///< Since the store was made.
  std::map<TaskSeries, double> last_completion{};  ///< In seconds since 1970.
  /// Why there may be more than it knows, with the account; empty: there is not.
  std::string incomplete{};
  bool caught_up = true;  ///< Every account has finished its first catch-up.
};

/// How old what an exporter knows may be.
struct Freshness {
  TimePoint now{};
  std::chrono::nanoseconds oldest{};  ///< Watermark.
};

/// Reads a page. The error says what is missing on a page that is no exporter's, or which accounts
/// there are when the one of the scope is not.
Result<ExporterPicture> ReadPicture(const metrics::Families& page, const CheckScope& scope,
                                    const Freshness& freshness);

}  // namespace acronis::exporter
