#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace acronis::exporter {

/// The one of `known` that `text` was probably meant to be: few letters apart, or the beginning
/// of one another. Empty when none is near.
std::optional<std::string> Nearest(std::string_view text, const std::vector<std::string>& known);

}  // namespace acronis::exporter
