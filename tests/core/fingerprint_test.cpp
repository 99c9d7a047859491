#include "plugin/core/fingerprint.h"

#include <gtest/gtest.h>

namespace acronis {
namespace {

// The published test vectors of FNV-1a, 64 bits.
TEST(Fingerprint, IsFnv1a) {
  EXPECT_EQ(Fingerprint(""), "cbf29ce484222325");
  EXPECT_EQ(Fingerprint("a"), "af63dc4c8601ec8c");
  EXPECT_EQ(Fingerprint("foobar"), "85944171f73967e8");
}

}  // namespace
}  // namespace acronis
