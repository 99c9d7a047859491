#pragma once

#include <string>

#include "plugin/api/transport.h"
#include "plugin/core/logger.h"
#include "plugin/core/result.h"

namespace acronis::api {

/// Sent with a request, so that it can be found again in the logs of both sides.
inline constexpr const char* kRequestIdHeader = "X-Request-ID";

/// Random, never the same twice.
std::string NewRequestId();

/// What is logged about a failed request: the id that was sent and, when there was an answer, the
/// server's own. `response` is null when there was none.
LogFields FailureFields(const std::string& account, const Error& error,
                        const std::string& request_id, const HttpResponse* response);

}  // namespace acronis::api
