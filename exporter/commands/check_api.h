#pragma once

#include <chrono>
#include <stop_token>
#include <vector>

#include "exporter/commands/check_counts.h"
#include "exporter/commands/list.h"
#include "plugin/core/clock.h"
#include "plugin/core/options.h"
#include "plugin/core/result.h"

namespace acronis::exporter {

/// Which tasks of the API are in the window.
struct ApiWindow {
  TimePoint now{};
  std::chrono::nanoseconds since{};
};

/// Counts what completed in the window by asking the API, one account after the other.
///
/// Memory grows with the number of series, not of tasks. The filters of an account's configuration
/// hold. An account that cannot be read, or that the scope names and that does not exist, is an
/// error that names it.
Result<WindowCounts> CountFromApi(const std::vector<AccountOptions>& accounts,
                                  const CheckScope& scope, const ApiWindow& window,
                                  const TaskSource& source, const std::stop_token& stop);

}  // namespace acronis::exporter
