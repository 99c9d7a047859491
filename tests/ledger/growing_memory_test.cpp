#include "plugin/ledger/growing_memory.h"

#include <cstdint>
#include <utility>

#include <gtest/gtest.h>

namespace acronis::ledger {
namespace {

std::uint8_t* BytesOf(const GrowingMemory& memory) {
  return static_cast<std::uint8_t*>(memory.Data());
}

TEST(GrowingMemory, KeepsWhatItHoldsFromBytesToPages) {
  GrowingMemory memory;
  std::size_t filled = 0;
  for (std::size_t bytes = 16; bytes <= std::size_t{8} << 20U; bytes *= 2) {
    memory.Grow(bytes);
    for (; filled < bytes; ++filled) {
      BytesOf(memory)[filled] = static_cast<std::uint8_t>(filled * 31 / 7);
    }
    for (std::size_t at = 0; at < bytes; at += 13) {
      ASSERT_EQ(BytesOf(memory)[at], static_cast<std::uint8_t>(at * 31 / 7)) << bytes;
    }
  }
}

TEST(GrowingMemory, GoesToItsNewOwner) {
  GrowingMemory first;
  first.Grow(std::size_t{1} << 20U);
  BytesOf(first)[7] = 42;
  GrowingMemory second(std::move(first));
  EXPECT_EQ(BytesOf(second)[7], 42);
  GrowingMemory third;
  third.Grow(16);
  third = std::move(second);
  EXPECT_EQ(BytesOf(third)[7], 42);
}

}  // namespace
}  // namespace acronis::ledger
