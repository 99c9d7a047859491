#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "plugin/api/gzip_inflater.h"
#include "tests/fakes/gzip.h"

namespace {

constexpr std::size_t kMostBytes = std::size_t{256} << 10U;

/// Aborts if more comes out than may, however it ends.
std::optional<std::string> Unpack(std::string_view packed, std::size_t piece) {
  acronis::api::GzipInflater inflater(kMostBytes);
  std::string out;
  bool good = true;
  for (std::size_t at = 0; good && at < packed.size(); at += piece) {
    good = static_cast<bool>(inflater.Add(packed.substr(at, piece), out));
  }
  if (out.size() > kMostBytes) {
    std::abort();
  }
  return good && inflater.Finish() ? std::optional(out) : std::nullopt;
}

}  // namespace

/// The first byte is the size of the pieces. A stream gives the same however it is cut, and what
/// was packed comes back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t piece = std::size_t{1} + data[0];
  if (Unpack(rest, std::max<std::size_t>(rest.size(), 1)) != Unpack(rest, piece)) {
    std::abort();
  }
  const std::string packed = acronis::fakes::Gzip(rest);
  if (Unpack(packed, piece) != rest || Unpack(packed + '\0', piece)) {
    std::abort();
  }
  return 0;
}
