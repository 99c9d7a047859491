#pragma once

#include <string_view>

#include "plugin/core/result.h"
#include "plugin/simulator/list_query.h"

namespace acronis::simulator {

/// `fn(argument)`, or a bare literal when `bare`.
struct FunctionCall {
  bool bare = true;
  std::string_view function{};
  std::string_view argument{};
};

/// Splits at the first `(` and the first `)`. `suffix` ends the error text.
Result<FunctionCall> SplitCall(std::string_view value, std::string_view suffix);

/// Adds what one parameter says to the condition of its field.
Status AddToCondition(Condition& condition, std::string_view value);

/// Contradictions that the service refuses.
Status CheckCondition(const Condition& condition);

}  // namespace acronis::simulator
