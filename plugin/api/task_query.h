#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugin/core/clock.h"
#include "plugin/core/result.h"

namespace acronis::api {

/// Comparison functions of the API's filter grammar; none is equality.
enum class Comparison { kEqual, kGreater, kGreaterOrEqual, kLess, kLessOrEqual };

/// The query string of one `GET /tasks`, checked locally before it is sent.
///
/// A plain value. Parameters are sent in the order in which they were added;
/// everything outside RFC 3986's unreserved characters is percent-encoded.
class TaskQuery {
 public:
  /// Adds a filter as a person writes it: `state` `completed`, `completedAt`
  /// `gt(2020-04-22T11:00:00Z)`. Times are accepted in the six documented
  /// formats and sent as RFC 3339 with full nanoseconds. Unknown fields,
  /// operators the field does not have and values it cannot hold are refused
  /// (kInvalidArgument) with a message that names the field and what is accepted.
  Status AddFilter(std::string_view field, std::string_view value);

  /// Adds a bound on a time field, exact to the nanosecond. REQUIRES: `field` is a time field.
  void AddTimeBound(std::string_view field, Comparison comparison, TimePoint time);

  /// `asc(field)` or `desc(field)`.
  Status SetOrder(std::string_view order);
  /// Tasks per page, 1 to 1000.
  Status SetLimit(int limit);
  /// `tiny`, `short`, `long`, `full`, `debug`; empty leaves it to the server.
  Status SetLod(std::string_view lod);

  int Limit() const { return limit_; }
  bool HasOrder() const { return !order_.empty(); }

  /// For a server that does not take what was set: without an order, at most so many a page.
  void DropOrder() { order_.clear(); }
  void LimitTo(int most) { limit_ = std::min(limit_, most); }

  /// Path and query of the first page: filters, order, lod and limit.
  std::string FirstPageTarget() const;
  /// Path and query of a later page: limit and the cursor, nothing else.
  std::string NextPageTarget(std::string_view cursor) const;

 private:
  std::vector<std::pair<std::string, std::string>> filters_;
  std::string order_;
  std::string lod_;
  int limit_ = 500;
};

}  // namespace acronis::api
