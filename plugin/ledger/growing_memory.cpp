#include "plugin/ledger/growing_memory.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <sys/mman.h>
#include <utility>

namespace acronis::ledger {
namespace {

constexpr std::size_t kOwnPages = std::size_t{256} << 10U;

/// Null when there is no memory.
void* MapPages(std::size_t bytes) {
  void* const mapped =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return mapped == MAP_FAILED ? nullptr : mapped;
}

void Release(void* data, std::size_t bytes) {
  if (bytes >= kOwnPages) {
    ::munmap(data, bytes);
  } else {
    std::free(data);  // NOLINT(cppcoreguidelines-no-malloc): belongs to the realloc below.
  }
}

void* Resize(void* data, std::size_t before, std::size_t bytes) {
  if (bytes < kOwnPages) {
    return std::realloc(data, bytes);  // NOLINT(cppcoreguidelines-no-malloc): grows in place.
  }
  if (before >= kOwnPages) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): there is no other way in.
    void* const moved = ::mremap(data, before, bytes, MREMAP_MAYMOVE);
    return moved == MAP_FAILED ? nullptr : moved;
  }
  void* const mapped = MapPages(bytes);
  if (mapped != nullptr && before > 0) {
    std::memcpy(mapped, data, before);
    Release(data, before);
  }
  return mapped;
}

}  // namespace

GrowingMemory::~GrowingMemory() {
  Release(data_, bytes_);
}

GrowingMemory::GrowingMemory(GrowingMemory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

GrowingMemory& GrowingMemory::operator=(GrowingMemory&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

void GrowingMemory::Grow(std::size_t bytes) {
  void* const grown = Resize(data_, bytes_, bytes);
  if (grown == nullptr) {
    throw std::bad_alloc();
  }
  data_ = grown;
  bytes_ = bytes;
}

}  // namespace acronis::ledger
