#include "exporter/exposition/gzip_member.h"

#include <algorithm>
#include <limits>
#include <new>
#include <vector>
#include <zlib.h>

namespace acronis::exporter {
namespace {

constexpr std::size_t kStep = std::size_t{64} << 10U;
constexpr unsigned kBitsPerByte = 8;

void AppendLittleEndian(std::string& out, std::uint32_t value) {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    out += static_cast<char>(static_cast<unsigned char>(value >> (i * kBitsPerByte)));
  }
}

}  // namespace

/// zlib's stream for raw deflated data.
class Packer::Deflater {
 public:
  Deflater() {
    constexpr int kMemoryLevel = 8;  // zlib's default.
    if (deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, -MAX_WBITS, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~Deflater() { deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  /// Appends what `text` is packed to. With Z_FULL_FLUSH nothing is left behind in the stream.
  void Add(std::string_view text, int flush, std::string& out) {
    stream_.next_in = reinterpret_cast<const Bytef*>(text.data());
    stream_.avail_in = static_cast<uInt>(text.size());
    do {
      stream_.next_out = buffer_.data();
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      deflate(&stream_, flush);
      out.append(reinterpret_cast<const char*>(buffer_.data()), buffer_.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

 private:
  z_stream stream_{};
  std::vector<Bytef> buffer_ = std::vector<Bytef>(kStep);
};

void PlainSum::Append(const PlainSum& next) {
  crc = static_cast<std::uint32_t>(crc32_combine(crc, next.crc, static_cast<z_off_t>(next.size)));
  size += next.size;
}

Packer::Packer() : deflater_(std::make_unique<Deflater>()) {}

Packer::~Packer() = default;

PackedPart Packer::Pack(std::string_view text) {
  constexpr std::size_t kMostAtOnce = std::numeric_limits<uInt>::max();
  PackedPart part;
  part.sum.size = text.size();
  part.sum.crc = static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()));
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, kMostAtOnce);
    text.remove_prefix(piece.size());
    deflater_->Add(piece, text.empty() ? Z_FULL_FLUSH : Z_NO_FLUSH, part.deflated);
  }
  return part;
}

PackedPart Pack(std::string_view text) {
  return Packer().Pack(text);
}

std::string GzipMember::Header() {
  // Magic, deflate, no flags, no time, packed for speed, by nobody knows which system.
  return {"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff", 10};
}

std::string GzipMember::Trailer() const {
  std::string out("\x03\x00", 2);  // A last block that is empty.
  AppendLittleEndian(out, sum_.crc);
  AppendLittleEndian(out,
                     static_cast<std::uint32_t>(sum_.size));  // Modulo 2^32 as the format has it.
  return out;
}

}  // namespace acronis::exporter
