#include "exporter/web/auth/rate_limit.h"

#include <algorithm>

namespace acronis::exporter {

RateLimit::RateLimit(const RateLimitOptions& options) : options_(options), tokens_(options.burst) {}

bool RateLimit::Allow(MonotonicTime now) {
  if (options_.interval.count() <= 0) {
    return true;
  }
  const std::lock_guard lock(mutex_);
  const std::int64_t came_back =
      now > counted_until_ ? (now - counted_until_) / options_.interval : 0;
  counted_until_ += came_back * options_.interval;
  if (came_back >= options_.burst - tokens_) {
    tokens_ = options_.burst;
    // A full bucket does not save up parts of a token.
    counted_until_ = std::max(counted_until_, now);
  } else {
    tokens_ += came_back;
  }
  if (tokens_ == 0) {
    return false;
  }
  --tokens_;
  return true;
}

}  // namespace acronis::exporter
