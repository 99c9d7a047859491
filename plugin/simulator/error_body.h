#pragma once

#include <string>
#include <string_view>

#include "plugin/simulator/http_message.h"
#include "plugin/simulator/simulator_options.h"

namespace acronis::simulator {

Reply JsonReply(std::string body);

/// An error in the chosen style. `code` is the toolkit's word, such as `notFound`.
Reply ErrorReply(int status, std::string_view code, std::string_view message, ErrorBodyStyle style);

/// The page nginx shows for a status.
std::string HtmlPage(int status);

}  // namespace acronis::simulator
