#include "plugin/api/secret_file.h"

#include <cstddef>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

namespace acronis::api {
namespace {

constexpr std::size_t kMaxSecretBytes = std::size_t{64} << 10U;

}  // namespace

Result<Secret> ReadSecretFile(std::string_view key, const std::filesystem::path& path) {
  const auto refuse = [&](std::string_view problem) {
    return Error{ErrorKind::kAuth,
                 std::string(key) + " " + path.string() + " " + std::string(problem)};
  };
  std::error_code problem;
  if (!std::filesystem::is_regular_file(path, problem)) {
    return refuse("is not a readable file");
  }
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxSecretBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || !file.is_open()) {
    return refuse("cannot be read");
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxSecretBytes) {
    return refuse("is too large for a secret");
  }
  text.erase(text.find_last_not_of("\r\n") + 1);
  if (text.empty()) {
    return refuse("is empty");
  }
  return Secret(std::move(text));
}

}  // namespace acronis::api
