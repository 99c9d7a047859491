#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace acronis::exporter {

/// What a gzip member tells of its plain bytes.
struct PlainSum {
  std::uint32_t crc = 0;   ///< CRC-32.
  std::uint64_t size = 0;  ///< How many there are.

  /// Of the bytes that `next` is of, behind these.
  void Append(const PlainSum& next);
};

/// A part of a gzip member: deflated bytes that end at a byte boundary, look back at nothing in
/// front of them and can stand in many members.
struct PackedPart {
  std::string deflated{};
  PlainSum sum{};
};

/// Deflates at level 1: a page is packed for one transfer. Throws std::bad_alloc. Not thread-safe.
class Packer {
 public:
  Packer();
  ~Packer();
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;

  PackedPart Pack(std::string_view text);

 private:
  class Deflater;
  std::unique_ptr<Deflater> deflater_;
};

/// With a packer of its own.
PackedPart Pack(std::string_view text);

/// Joins parts to one gzip member (RFC 1952), as every client understands it: Header(), then the
/// parts in their order, each told by Add(), then Trailer(). Nothing is deflated again.
class GzipMember {
 public:
  static std::string Header();
  void Add(const PlainSum& part) { sum_.Append(part); }
  /// The end of the deflated data, the checksum and the size of all parts.
  std::string Trailer() const;

 private:
  PlainSum sum_;
};

}  // namespace acronis::exporter
