#pragma once

#include <string_view>

namespace acronis::exporter {

/// Writes all of `text` to a file descriptor. Returns errno, or 0.
int WriteAll(int descriptor, std::string_view text);

}  // namespace acronis::exporter
