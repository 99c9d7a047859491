#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

#include "plugin/core/result.h"

namespace acronis::api {

/// Unpacks one gzip stream (RFC 1952) while it is being read.
///
/// Strict: a header, checksum or length that is wrong is an error, and so is anything behind the
/// stream, another gzip member too: RFC 1952 allows more members, but no HTTP server sends any.
/// A bomb is stopped before it is held: never more than `max_bytes` come out, and once
/// kUncheckedBytes have, no more than kMaxRatio times of what went in. Records repeat at a distance
/// of about a kilobyte at least, which deflate cannot pack more than 190 times (task pages:
/// 5 to 80 times); a bomb reaches 1000.
///
/// Errors are kInvalidResponse and say what is wrong with "it"; after one there is nothing more to
/// be had. One thread at a time.
class GzipInflater {
 public:
  static constexpr std::size_t kUncheckedBytes = std::size_t{1} << 20U;
  static constexpr std::size_t kMaxRatio = 200;

  /// Throws std::bad_alloc.
  explicit GzipInflater(std::size_t max_bytes);
  ~GzipInflater();
  GzipInflater(const GzipInflater&) = delete;
  GzipInflater& operator=(const GzipInflater&) = delete;

  /// Appends what the next piece of the stream unpacks to. REQUIRES: less than 4 GiB.
  Status Add(std::string_view packed, std::string& out);
  /// To be called when there is no more: an error if the stream has not ended.
  Status Finish() const;

 private:
  /// Unpacks until the buffer is full or the input used up; how many bytes there are.
  Result<std::size_t> Step();
  Status CheckSize() const;

  std::size_t max_bytes_;
  std::vector<char> buffer_;
  std::size_t unpacked_ = 0;
  bool ended_ = false;
  z_stream stream_{};
};

}  // namespace acronis::api
