#pragma once

#include <cstddef>

namespace acronis::ledger {

/// Bytes in a row that grow where they are, so that two copies are never there together, and that
/// leave no hole in the heap: from some hundred KiB on they are pages of their own. What is added
/// is not initialised. Not thread-safe.
class GrowingMemory {
 public:
  GrowingMemory() = default;
  ~GrowingMemory();
  GrowingMemory(const GrowingMemory&) = delete;
  GrowingMemory& operator=(const GrowingMemory&) = delete;
  GrowingMemory(GrowingMemory&& other) noexcept;
  GrowingMemory& operator=(GrowingMemory&& other) noexcept;

  /// Throws std::bad_alloc and changes nothing when there is no memory. REQUIRES: more than before.
  void Grow(std::size_t bytes);

  void* Data() const { return data_; }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace acronis::ledger
