#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace acronis::simulator {

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// Undoes percent-encoding; `+` is a space. A stray `%` stays as it is.
std::string DecodePercent(std::string_view text);

/// Takes `a=1&b=2` apart, in order, and decodes both sides. Empty parts are skipped.
Parameters ParseParameters(std::string_view query);

/// First parameter of that name; empty if there is none.
std::string FirstParameter(const Parameters& parameters, std::string_view name);

}  // namespace acronis::simulator
