#include "plugin/core/utf8.h"

#include <string>

#include <gtest/gtest.h>

namespace acronis {
namespace {

#define ODD "\xEF\xBF\xBD"

struct Case {
  std::string name;
  std::string text;
  std::string repaired;
  std::uint64_t replacements;
};
class RepairUtf8Test : public ::testing::TestWithParam<Case> {};

TEST_P(RepairUtf8Test, ReplacesWhatIsNotACharacter) {
  const auto repaired = RepairUtf8(GetParam().text, 100);
  ASSERT_TRUE(repaired);
  EXPECT_EQ(repaired->text, GetParam().repaired);
  EXPECT_EQ(repaired->replacements, GetParam().replacements);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, RepairUtf8Test,
    ::testing::Values(
        Case{"Empty", "", "", 0}, Case{"Nul", std::string(1, '\0'), std::string(1, '\0'), 0},
        Case{"OneByteEach", "\x01 az\x7F", "\x01 az\x7F", 0},
        Case{"TwoBytes", "\xC2\x80\xDF\xBF", "\xC2\x80\xDF\xBF", 0},
        Case{"ThreeBytes", "\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF",
             "\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF", 0},
        Case{"FourBytes", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF",
             0},
        Case{"AReplacementIsACharacter", ODD, ODD, 0}, Case{"Latin1", "f\xFCr", "f" ODD "r", 1},
        Case{"Continuations", "\x80\xBF", ODD ODD, 2},
        Case{"OverLongTwo", "\xC0\x80\xC1\xBF", ODD ODD ODD ODD, 4},
        Case{"OverLongThree", "\xE0\x9F\xBF", ODD ODD ODD, 3},
        Case{"OverLongFour", "\xF0\x8F\xBF\xBF", ODD ODD ODD ODD, 4},
        Case{"Surrogate", "\xED\xA0\x80", ODD ODD ODD, 3},
        Case{"AboveUnicode", "\xF4\x90\x80\x80", ODD ODD ODD ODD, 4},
        Case{"FiveBytes", "\xF8\x88\x80\x80\x80", ODD ODD ODD ODD ODD, 5},
        Case{"CutAtTheEnd", "\xF0\x9F\x92", ODD, 1}, Case{"CutByAscii", "\xE2\x82\"", ODD "\"", 1},
        Case{"CutByALead", "\xE2\x82\xC3\xA4", ODD "\xC3\xA4", 1},
        // The example of the Unicode standard, section 3.9, table 3-8.
        Case{"TheStandardsExample", "\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64",
             "a" ODD ODD ODD "b" ODD "c" ODD ODD "d", 6}),
    [](const auto& instance) { return instance.param.name; });

TEST(RepairUtf8, GivesUpBeyondTheLimit) {
  EXPECT_TRUE(RepairUtf8("\xFF\xFF", 2));
  EXPECT_FALSE(RepairUtf8("\xFF\xFF\xFF", 2));
}

#undef ODD

}  // namespace
}  // namespace acronis
