#pragma once

#include <cstdint>
#include <mutex>

#include "exporter/config/web_config.h"
#include "plugin/core/clock.h"

namespace acronis::exporter {

/// A bucket of tokens: each request takes one, and one comes back each interval until there are
/// `burst` of them again. It starts full. Thread-safe.
class RateLimit {
 public:
  explicit RateLimit(const RateLimitOptions& options);

  /// Takes a token. False when there is none: the request is to be refused. Always true when the
  /// interval is 0. A `now` before that of an earlier call counts as the earlier one.
  bool Allow(MonotonicTime now);

 private:
  const RateLimitOptions options_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::int64_t tokens_;
  MonotonicTime counted_until_{};  ///< Tokens that came back until then are in `tokens_`.
};

}  // namespace acronis::exporter
