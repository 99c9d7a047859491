#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <zlib.h>

namespace acronis::fakes {

/// Packs with zlib, piece by piece.
class Deflater {
 public:
  static constexpr int kGzip = MAX_WBITS + 16;
  static constexpr int kZlib = MAX_WBITS;
  static constexpr int kRaw = -MAX_WBITS;

  explicit Deflater(int format = kGzip) {
    if (deflateInit2(&stream_, Z_BEST_COMPRESSION, Z_DEFLATED, format, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
      throw std::runtime_error("deflateInit2");
    }
  }
  ~Deflater() { deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  /// The packed bytes. After Z_FULL_FLUSH they can be repeated: what follows looks back at nothing.
  std::string Add(std::string_view text, int flush) {
    std::string packed(deflateBound(&stream_, text.size()) + 64, '\0');
    stream_.next_in = reinterpret_cast<const Bytef*>(text.data());
    stream_.avail_in = static_cast<uInt>(text.size());
    stream_.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream_.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream_, flush);
    packed.resize(packed.size() - stream_.avail_out);
    return packed;
  }

 private:
  z_stream stream_{};
};

inline std::string Gzip(std::string_view text) {
  return Deflater().Add(text, Z_FINISH);
}

/// A gzip stream that never ends: its beginning, and what may be sent behind it for ever. Each
/// piece unpacks to `text`.
struct EndlessGzip {
  explicit EndlessGzip(std::string_view text) {
    Deflater deflater;
    head = deflater.Add(text, Z_FULL_FLUSH);
    piece = deflater.Add(text, Z_FULL_FLUSH);
  }
  std::string head;
  std::string piece;
};

}  // namespace acronis::fakes
