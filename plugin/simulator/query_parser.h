#pragma once

#include <cstdint>

#include "plugin/core/result.h"
#include "plugin/simulator/list_query.h"
#include "plugin/simulator/url_query.h"

namespace acronis::simulator {

struct QueryRules {
  std::int64_t default_limit = 1000;
  std::int64_t max_limit = 1000;
  Resource resource = Resource::kTasks;
  bool strict = false;  ///< A second condition on `updatedAt` is refused.
};

/// Checks the parameters of a first page. Errors (kBadRequest) carry the
/// service's own words, as far as they are known.
Result<ListQuery> ParseListQuery(const Parameters& parameters, const QueryRules& rules);

/// The value of `limit` alone.
Result<std::int64_t> ParseLimit(const std::string& text, const QueryRules& rules);

}  // namespace acronis::simulator
