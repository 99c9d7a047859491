#pragma once

#include <string>

#include "plugin/core/result.h"

namespace acronis::exporter {

/// What `--account` is answered with when nobody has that name. `known` has commas between.
inline Error NoSuchAccount(const std::string& name, const std::string& known,
                           ErrorKind kind = ErrorKind::kInvalidArgument) {
  return {kind, "--account: there is no '" + name + "'; accounts are: " + known};
}

}  // namespace acronis::exporter
