#include "plugin/core/secret.h"

#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

namespace acronis {
namespace {

template <typename T, typename = void>
struct IsPrintable : std::false_type {};
template <typename T>
struct IsPrintable<T, std::void_t<decltype(std::declval<std::ostream&>() << std::declval<T>())>>
    : std::true_type {};

TEST(Secret, CannotBePrinted) {
  static_assert(IsPrintable<std::string>::value);
  static_assert(!IsPrintable<Secret>::value);
}

TEST(Secret, LeavesNothingBehindWhenItMoves) {
  Secret from("hunter2");
  const Secret to(std::move(from));
  EXPECT_EQ(to.Reveal(), "hunter2");
  EXPECT_TRUE(from.Empty());  // NOLINT(bugprone-use-after-move): that is what is tested.
}

TEST(WipeString, OverwritesTheBytesInPlace) {
  std::string text(64, 'x');
  const char* const bytes = text.data();
  WipeString(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(bytes[1], '\0');
}

}  // namespace
}  // namespace acronis
