#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "plugin/core/secret.h"

namespace acronis::simulator {

/// What happens in the simulated world.
enum class Scenario : std::uint8_t {
  kNormal,
  kBadNight,  ///< Between 22:00 and 06:00 UTC most backups fail.
};

/// Shape of the error bodies; which of them the real service uses is not settled.
enum class ErrorBodyStyle : std::uint8_t {
  kWrapped,         ///< {"error":{"domain","code","message"}}
  kFlat,            ///< The same without the wrapper.
  kPlatform,        ///< Wrapped, with a numeric code, details and context.
  kStorageManager,  ///< {"domain","code","reason","debug":{"msg"},"message"}
  kHtml,            ///< What nginx would say.
  kEmpty,
};

struct SimulatorOptions {
  std::uint64_t seed = 1;
  /// How much of the past exists when the simulator starts.
  std::chrono::nanoseconds history = std::chrono::hours(24);
  /// Mean number of new tasks per second, in the history and live. 0: only tasks added by hand.
  double rate = 1.0;
  int queues = 40;
  int tenants = 200;
  Scenario scenario = Scenario::kNormal;
  /// Share of the finished tasks that appear up to 45 s after their completion.
  double late_share = 0.002;

  std::string client_id = "simulated-client";
  /// Required: an empty secret never matches.
  Secret client_secret{};
  std::chrono::seconds token_life = std::chrono::hours(2);

  /// Page size when the client sends no `limit`, and the largest it may ask for.
  std::int64_t default_limit = 1000;
  std::int64_t max_limit = 1000;
  std::chrono::nanoseconds retention = std::chrono::hours(24 * 90);
  /// `after` together with anything but `limit`, and a second bound on `updatedAt`, are refused.
  bool strict = false;
  ErrorBodyStyle error_style = ErrorBodyStyle::kWrapped;
};

}  // namespace acronis::simulator
