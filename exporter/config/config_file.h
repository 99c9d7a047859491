#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "plugin/core/options.h"
#include "plugin/core/result.h"

namespace acronis::exporter {

/// Largest configuration file that is read.
inline constexpr std::size_t kMaxConfigBytes = std::size_t{1} << 20U;

/// Reads the YAML file `path` and checks all of it: syntax, keys, types, values, relations, and
/// that the files it names can be read. Relative paths in it start at its own folder.
///
/// The error's message has one problem a line, `FILE:LINE: KEY: ...`, and never a password.
Result<CollectorOptions> LoadConfigFile(const std::filesystem::path& path);

/// The same for a text that was read already. `path` names it in messages and gives the folder.
Result<CollectorOptions> ParseConfig(const std::string& text, const std::filesystem::path& path);

/// Every key the file may have, `accounts[].poll.interval`; for the check of the documentation.
std::set<std::string> KnownConfigKeys();

}  // namespace acronis::exporter
