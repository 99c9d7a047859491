#include "exporter/config/text_file.h"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace acronis::exporter {
namespace {

Error Unusable(const std::string& why) {
  return {ErrorKind::kInvalidArgument, why};
}

/// Opens after looking at the kind of file. The error is worded to follow the path.
Result<std::ifstream> Open(const std::filesystem::path& path) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status)) {
    const bool missing = status.type() == std::filesystem::file_type::not_found;
    return Unusable(missing ? "there is no such file" : "cannot be read: " + failure.message());
  }
  if (!std::filesystem::is_regular_file(status)) {
    return Unusable(std::filesystem::is_directory(status) ? "is a directory, not a file"
                                                          : "is not a regular file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return Unusable("cannot be read: " + std::generic_category().message(errno));
  }
  return file;
}

}  // namespace

Status CheckReadable(const std::filesystem::path& path) {
  Result<std::ifstream> file = Open(path);
  if (!file) {
    return file.error();
  }
  if (file->peek() == std::ifstream::traits_type::eof()) {
    return Unusable("is empty");
  }
  return Ok{};
}

Result<std::string> ReadTextFile(const std::filesystem::path& path, std::size_t most) {
  Result<std::ifstream> file = Open(path);
  if (!file) {
    return file.error();
  }
  std::string text(most + 1, '\0');
  file->read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file->gcount()));
  if (file->bad()) {
    return Unusable("cannot be read to its end");
  }
  if (text.size() > most) {
    return Unusable("is larger than " + std::to_string(most) + " bytes");
  }
  return text;
}

}  // namespace acronis::exporter
