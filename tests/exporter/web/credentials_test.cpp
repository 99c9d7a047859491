#include "exporter/web/auth/credentials.h"

#include <cstdint>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "plugin/api/basic_auth.h"

namespace acronis::exporter {
namespace {

using api::BasicAuthorization;

struct Good {
  std::string name;
  std::string header;
  std::string user;
  std::string password;
};
class GoodCredentials : public ::testing::TestWithParam<Good> {};

TEST_P(GoodCredentials, AreRead) {
  const auto read = ReadBasicCredentials(GetParam().header);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->user, GetParam().user);
  EXPECT_EQ(read->password.Reveal(), GetParam().password);
}

INSTANTIATE_TEST_SUITE_P(
    Headers, GoodCredentials,
    ::testing::Values(Good{"FromTheRfc", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin",
                           "open sesame"},
                      Good{"SmallScheme", "basic YTpi", "a", "b"},
                      Good{"LoudScheme", "BASIC YTpi", "a", "b"},
                      Good{"ColonInPassword", BasicAuthorization("a:b:c:"), "a", "b:c:"},
                      Good{"NoUser", BasicAuthorization(":b"), "", "b"},
                      Good{"NoPassword", BasicAuthorization("a:"), "a", ""},
                      Good{"Nothing", BasicAuthorization(":"), "", ""},
                      Good{"NotUtf8", BasicAuthorization("\xFF\xFE:\xC3"), "\xFF\xFE", "\xC3"},
                      Good{"Long", BasicAuthorization("a:" + std::string(10'000, 'x')), "a",
                           std::string(10'000, 'x')}),
    [](const auto& instance) { return instance.param.name; });

struct Bad {
  std::string name;
  std::string header;
};
class BadCredentials : public ::testing::TestWithParam<Bad> {};

TEST_P(BadCredentials, AreNone) {
  EXPECT_FALSE(ReadBasicCredentials(GetParam().header));
}

INSTANTIATE_TEST_SUITE_P(
    Headers, BadCredentials,
    ::testing::Values(Bad{"Empty", ""}, Bad{"SchemeAlone", "Basic"},
                      Bad{"SchemeAndSpace", "Basic "}, Bad{"AnotherScheme", "Bearer YTpi"},
                      Bad{"NoSpace", "BasicYTpi"}, Bad{"TwoSpaces", "Basic  YTpi"},
                      Bad{"SpaceBefore", " Basic YTpi"}, Bad{"SpaceAfter", "Basic YTpi "},
                      Bad{"Tab", "Basic\tYTpi"}, Bad{"NoColon", BasicAuthorization("ab")},
                      Bad{"NoPadding", "Basic YTpiYw"}, Bad{"HalfPadding", "Basic YTpiYw="},
                      Bad{"OnlyPadding", "Basic ===="}, Bad{"PaddingInside", "Basic YTp=YTpi"},
                      Bad{"LineBreak", "Basic YT\npi"}, Bad{"OfUrls", "Basic YTr_"},
                      Bad{"StrayBits", "Basic YTpiYx=="}, Bad{"OneDigit", "Basic YTpiY==="},
                      Bad{"Garbage", "Basic \x80\xFF\x01!"}),
    [](const auto& instance) { return instance.param.name; });

TEST(ReadBasicCredentials, ReadsWhateverIsEncoded) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 dice(seed);
  for (int round = 0; round < 2000; ++round) {
    std::string user;
    std::string password;
    for (std::string* const text : {&user, &password}) {
      for (auto length = dice() % 40; length > 0; --length) {
        *text += static_cast<char>(dice() & 0xFFU);
      }
    }
    std::erase(user, ':');
    const auto read = ReadBasicCredentials(BasicAuthorization(user + ":" + password));
    ASSERT_TRUE(read) << "round " << round;
    ASSERT_EQ(read->user, user) << "round " << round;
    ASSERT_EQ(read->password.Reveal(), password) << "round " << round;
  }
}

}  // namespace
}  // namespace acronis::exporter
