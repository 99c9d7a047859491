#pragma once

#include <span>
#include <string>
#include <string_view>

#include "plugin/api/transport.h"
#include "plugin/core/clock.h"
#include "plugin/core/result.h"
#include "plugin/core/secret.h"

namespace acronis::api {

/// What a person should read of an error's body: the message of any of the
/// JSON shapes the platform uses, the title of an HTML page, else the beginning
/// of the text. One line of at most 200 bytes without control characters; empty
/// when there is nothing to read.
std::string ReadErrorBody(std::string_view body);

/// The Error that a status other than 200 stands for. `what` names the request in the message.
/// `now` serves a Retry-After date when the response has no Date of its own.
Error StatusError(std::string_view what, const HttpResponse& response, TimePoint now);

/// Replaces in body and header values what was sent to prove who we are: a server that repeats it
/// in an error must not bring it into a message. As it was sent, not encoded otherwise.
void Conceal(HttpResponse& response, std::span<const Secret> sent);

}  // namespace acronis::api
