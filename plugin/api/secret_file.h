#pragma once

#include <filesystem>
#include <string_view>

#include "plugin/core/result.h"
#include "plugin/core/secret.h"

namespace acronis::api {

/// The secret in a regular file of at most 64 KiB, without the line ends behind it. The error
/// (kAuth) begins with `key` and the path.
Result<Secret> ReadSecretFile(std::string_view key, const std::filesystem::path& path);

}  // namespace acronis::api
