#pragma once

#include <string>
#include <string_view>

#include "plugin/api/transport.h"
#include "plugin/core/clock.h"
#include "plugin/core/result.h"

namespace acronis::api {

/// What a person should read of an error's body: the message of any of the
/// JSON shapes the platform uses, the title of an HTML page, else the beginning
/// of the text. One line of at most 200 bytes without control characters; empty
/// when there is nothing to read.
std::string ReadErrorBody(std::string_view body);

/// The Error that a status other than 200 stands for. `what` names the request in the message.
/// `now` serves a Retry-After date when the response has no Date of its own.
Error StatusError(std::string_view what, const HttpResponse& response, TimePoint now);

}  // namespace acronis::api
