#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/core/clock.h"

namespace acronis::exporter {

/// One account in one line, for people.
struct AccountStatus {
  std::string name{};
  bool up = false;  ///< The last finished poll cycle succeeded.
  std::optional<TimePoint> watermark{};
};

/// The page at `/`: self-contained HTML without scripts, everything escaped.
std::string RenderLandingPage(std::string_view version, std::string_view telemetry_path,
                              const std::vector<AccountStatus>& accounts);

}  // namespace acronis::exporter
