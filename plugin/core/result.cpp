#include "plugin/core/result.h"

namespace acronis {

std::string_view ToLabel(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kAuth:
      return "auth";
    case ErrorKind::kForbidden:
      return "forbidden";
    case ErrorKind::kNotFound:
      return "not_found";
    case ErrorKind::kBadRequest:
      return "bad_request";
    case ErrorKind::kRateLimited:
      return "rate_limited";
    case ErrorKind::kServerError:
      return "server_error";
    case ErrorKind::kTimeout:
      return "timeout";
    case ErrorKind::kNetwork:
      return "network";
    case ErrorKind::kTls:
      return "tls";
    case ErrorKind::kInvalidResponse:
      return "invalid_response";
    case ErrorKind::kCursor:
      return "cursor";
    case ErrorKind::kStore:
      return "store";
    case ErrorKind::kInvalidArgument:
      return "invalid_argument";
    case ErrorKind::kCancelled:
      return "cancelled";
  }
  return "invalid_response";
}

}  // namespace acronis
