#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/core/clock.h"

namespace acronis::exporter {

/// One account in one line, for people. Times by the local clock, but the watermark by the
/// server's.
struct AccountStatus {
  std::string name{};
  bool up = false;  ///< The last finished poll cycle succeeded.
  std::optional<TimePoint> last_poll{};
  std::string last_error{};   ///< Of the last poll; empty: none. May hold text of the server.
  std::uint64_t counted = 0;  ///< Tasks, since the store was made.
  std::optional<TimePoint> watermark{};
};

/// What the page is about besides the accounts.
struct LandingOptions {
  std::string_view version;
  std::string_view telemetry_path;
  TimePoint now{};
};

/// The page at `/`: self-contained HTML without scripts, everything escaped.
std::string RenderLandingPage(const LandingOptions& options,
                              const std::vector<AccountStatus>& accounts);

}  // namespace acronis::exporter
