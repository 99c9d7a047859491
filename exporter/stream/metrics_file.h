#pragma once

#include <filesystem>
#include <string_view>

#include "plugin/core/result.h"

namespace acronis::exporter {

/// Replaces the file in one step: a reader sees the old or the new text, whole, also after a power
/// loss, which may bring the old one back where the folder may not be opened. Anybody may read it.
/// What is being written has a name that begins with a dot and does not end in `.prom`, in the same
/// folder; a leftover of that name is replaced.
///
/// kStore names the file and what went wrong; the old one is still there then.
Status WriteMetricsFile(const std::filesystem::path& file, std::string_view text);

}  // namespace acronis::exporter
