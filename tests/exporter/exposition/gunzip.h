#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <zlib.h>

namespace acronis::exporter {

/// Unpacks exactly one gzip member. Throws std::runtime_error if it is not one, checksum and size
/// included, or if anything stands behind it.
inline std::string Gunzip(std::string_view packed) {
  z_stream stream{};
  if (inflateInit2(&stream, MAX_WBITS + 16) != Z_OK) {
    throw std::runtime_error("inflateInit2");
  }
  stream.next_in = reinterpret_cast<const Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string plain;
  std::array<char, 65536> buffer{};
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    status = inflate(&stream, Z_NO_FLUSH);
    plain.append(buffer.data(), buffer.size() - stream.avail_out);
  }
  const bool whole = status == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  if (!whole) {
    throw std::runtime_error("not one gzip member");
  }
  return plain;
}

}  // namespace acronis::exporter
