#pragma once

#include <string>
#include <string_view>

namespace acronis::simulator {

/// Turns a sound page into one of the broken kinds of the fault `invalid_json`.
/// An unknown kind cuts it.
std::string BreakJson(const std::string& body, std::string_view kind);

}  // namespace acronis::simulator
