#include "plugin/ledger/sqlite/guard_file.h"

#include <array>
#include <charconv>
#include <exception>
#include <string_view>
#include <system_error>

#include "plugin/ledger/sqlite/durable_file.h"
#include "plugin/ledger/sqlite/row_hash.h"

namespace acronis::ledger::sqlite {
namespace {

constexpr std::size_t kMaxBytes = 4096;
constexpr std::string_view kHead = "acronis_task_exporter guard 1\n";

std::string Body(const Guard& guard) {
  return std::string(kHead) + "store " + guard.store_id + "\ncommits " +
         std::to_string(guard.commits) + "\n";
}

std::string Checksum(std::string_view body) {
  return "check " + ToHex(RowHash(0).Add(body).Value()) + "\n";
}

/// What follows `word` on its line; empty when there is no such line.
std::string_view Field(std::string_view text, std::string_view word) {
  const auto begin = text.find("\n" + std::string(word) + " ");
  if (begin == std::string_view::npos) {
    return {};
  }
  const std::string_view rest = text.substr(begin + word.size() + 2);
  return rest.substr(0, rest.find('\n'));
}

}  // namespace

std::filesystem::path GuardFile::PathFor(const std::filesystem::path& store,
                                         const std::filesystem::path& directory) {
  return directory / (store.stem().string() + "-" +
                      ToHex(RowHash(0).Add(store.lexically_normal().string()).Value()) + ".guard");
}

StoreOptions WithRealPath(const StoreOptions& store) {
  StoreOptions real = store;
  std::error_code unknown;
  const auto path = std::filesystem::weakly_canonical(store.path, unknown);
  if (!unknown) {
    real.path = path;
  }
  return real;
}

std::filesystem::path GuardPath(const StoreOptions& store) {
  if (!store.guard_path.empty() || store.guard_directory.empty()) {
    return store.guard_path;
  }
  return GuardFile::PathFor(store.path, store.guard_directory);
}

Result<std::optional<Guard>> GuardFile::Read() const {
  try {
    const auto text = ReadStart(path_, kMaxBytes);
    if (!text) {
      return std::optional<Guard>();
    }
    Guard guard{.store_id = std::string(Field(*text, "store"))};
    const std::string_view commits = Field(*text, "commits");
    std::from_chars(commits.data(), commits.data() + commits.size(), guard.commits);
    const std::string body = Body(guard);
    if (*text != body + Checksum(body)) {
      return Error{ErrorKind::kStore, path_.string() + " is not a whole guard file"};
    }
    return std::optional(guard);
  } catch (const std::exception& failure) {
    return Error{ErrorKind::kStore, failure.what()};
  }
}

Status GuardFile::Write(const Guard& guard) const {
  try {
    MakeFolder(path_.parent_path());
    const std::string body = Body(guard);
    ReplaceFile(path_, body + Checksum(body));
    return Ok{};
  } catch (const std::exception& failure) {
    return Error{ErrorKind::kStore, failure.what()};
  }
}

}  // namespace acronis::ledger::sqlite
