#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace acronis::exporter {

/// A part of a gzip member: deflated bytes that end at a byte boundary, look back at nothing in
/// front of them and can stand in many members.
struct PackedPart {
  std::string deflated{};
  std::uint32_t crc = 0;   ///< CRC-32 of the plain bytes.
  std::uint64_t size = 0;  ///< How many of them there are.
};

/// Deflates `text` at level 1: a page is packed for one transfer. Throws std::bad_alloc.
PackedPart Pack(std::string_view text);

/// Joins parts to one gzip member (RFC 1952), as every client understands it: Header(), then the
/// parts in their order, each told by Add(), then Trailer(). Nothing is deflated again.
class GzipMember {
 public:
  static std::string Header();
  void Add(const PackedPart& part);
  /// The end of the deflated data, the checksum and the size of all parts.
  std::string Trailer() const;

 private:
  std::uint32_t crc_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace acronis::exporter
