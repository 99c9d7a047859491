#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "plugin/core/result.h"

namespace acronis::exporter {

/// Ok when `path` is a file that this process can open and that is not empty. The error says
/// which of these it is not, without the path.
Status CheckReadable(const std::filesystem::path& path);

/// The bytes of a regular file of at most `most` bytes. Never waits, as opening a pipe would.
Result<std::string> ReadTextFile(const std::filesystem::path& path, std::size_t most);

}  // namespace acronis::exporter
