#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "plugin/core/result.h"

namespace acronis::ledger::sqlite {

/// The name of a network file system by its magic number (statfs(2)); empty for all others.
std::string_view NetworkFileSystem(std::uint64_t magic);

/// Refuses a folder on a network file system: their locks do not keep two machines apart, and a
/// cached write is not on the disk when they say so.
Status CheckFileSystem(const std::filesystem::path& folder);

}  // namespace acronis::ledger::sqlite
