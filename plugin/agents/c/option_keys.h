#pragma once

#include <string>
#include <string_view>

#include "plugin/core/options.h"
#include "plugin/core/result.h"

namespace acronis::agents {

/// Options that are set one by one, as text.
struct KeyedOptions {
  CollectorOptions collector{};
  PollOptions poll{};  ///< Of the accounts that are named from now on.
};

/// Sets an option of the account, which is made when it is not there yet. kInvalidArgument names
/// the key, the value and what is accepted.
Status SetAccountOption(KeyedOptions& options, const std::string& account, std::string_view key,
                        const std::string& value);

/// Sets an option that is not an account's.
Status SetSharedOption(KeyedOptions& options, std::string_view key, const std::string& value);

}  // namespace acronis::agents
