#include "plugin/core/label.h"

#include <string>

#include <gtest/gtest.h>

namespace acronis {
namespace {

struct Case {
  std::string name;
  std::string text;
  std::string value;
  bool repaired;
};

class RepairLabelTest : public ::testing::TestWithParam<Case> {};

TEST_P(RepairLabelTest, KeepsValidTextAndReplacesTheRest) {
  const Label label = RepairLabel(GetParam().text);
  EXPECT_EQ(label.value, GetParam().value);
  EXPECT_EQ(label.repaired, GetParam().repaired);
}

#define ODD "\xEF\xBF\xBD"
INSTANTIATE_TEST_SUITE_P(
    Texts, RepairLabelTest,
    ::testing::Values(
        Case{"Ascii", "legacySync", "legacySync", false},
        Case{"Control", "a\nb\"c\\d", "a\nb\"c\\d", false},
        Case{"TwoBytes", "t\xC3\xA4glich", "t\xC3\xA4glich", false},
        Case{"FourBytes", "\xF0\x9F\x92\xBE", "\xF0\x9F\x92\xBE", false},
        Case{"LoneContinuation", "a\x80z", "a" ODD "z", true},
        Case{"CutCharacter", "a\xE2\x82", "a" ODD, true},
        Case{"OverLong", "\xC0\xAF", ODD ODD, true},
        Case{"OverLongThree", "\xE0\x80\xAF", ODD ODD ODD, true},
        Case{"Surrogate", "\xED\xA0\x80", ODD ODD ODD, true},
        Case{"AboveUnicode", "\xF4\x90\x80\x80", ODD ODD ODD ODD, true},
        Case{"Longest", std::string(kMaxLabelBytes, 'q'), std::string(kMaxLabelBytes, 'q'), false},
        Case{"TooLong", std::string(kMaxLabelBytes + 1, 'q'), std::string(kMaxLabelBytes, 'q'),
             true},
        Case{"NotCutInsideACharacter", std::string(kMaxLabelBytes - 1, 'q') + "\xC3\xA4",
             std::string(kMaxLabelBytes - 1, 'q'), true}),
    [](const auto& instance) { return instance.param.name; });
#undef ODD

}  // namespace
}  // namespace acronis
