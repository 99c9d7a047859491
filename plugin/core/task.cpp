#include "plugin/core/task.h"

#include <algorithm>

namespace acronis {

std::string_view ToLabel(ResultCode code) {
  switch (code) {
    case ResultCode::kOk:
      return "ok";
    case ResultCode::kWarning:
      return "warning";
    case ResultCode::kError:
      return "error";
    case ResultCode::kCancelled:
      return "cancelled";
    case ResultCode::kAbandoned:
      return "abandoned";
    case ResultCode::kTimedOut:
      return "timedout";
    case ResultCode::kUnknown:
      return "unknown";
  }
  return "unknown";
}

ResultCode ParseResultCode(std::string_view text) {
  const auto* const found = std::find_if(kResultCodes.begin(), kResultCodes.end(),
                                         [text](ResultCode code) { return ToLabel(code) == text; });
  return found == kResultCodes.end() ? ResultCode::kUnknown : *found;
}

}  // namespace acronis
