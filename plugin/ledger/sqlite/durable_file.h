#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace acronis::ledger::sqlite {

// Files as a store needs them: what these functions report as done survives a power loss, where
// they say so. All throw std::system_error, which names the file.

/// Makes the folder and its parents, for nobody but the owner, and makes them durable.
void MakeFolder(const std::filesystem::path& folder);

/// Makes an empty file for nobody but the owner, in place of what has its name.
void MakeFile(const std::filesystem::path& file);

/// Waits until the file's bytes are on the disk.
void SyncFile(const std::filesystem::path& file);

/// Waits until the names in the folder are on the disk.
void SyncFolder(const std::filesystem::path& folder);

/// Gives a file another name, replacing what has it, and waits until that is on the disk.
void RenameFile(const std::filesystem::path& from, const std::filesystem::path& to);

/// Nothing happens if it does not exist. Not waited for.
void RemoveFile(const std::filesystem::path& file);

/// At most `limit` bytes from the start of a file; empty when there is no such file.
std::optional<std::string> ReadStart(const std::filesystem::path& file, std::size_t limit);

/// Replaces a small file in one step, so that a reader sees the old or the new text; not waited
/// for, so that after a power loss it may hold either, or nothing.
void ReplaceFile(const std::filesystem::path& file, std::string_view text);

}  // namespace acronis::ledger::sqlite
