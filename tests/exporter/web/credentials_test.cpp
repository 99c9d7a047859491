#include "exporter/web/auth/credentials.h"

#include <cstdint>
#include <random>
#include <sstream>
#include <string>

#include <Poco/Base64Encoder.h>
#include <gtest/gtest.h>

namespace acronis::exporter {
namespace {

std::string Base64(const std::string& text) {
  std::ostringstream out;
  Poco::Base64Encoder encoder(out);
  encoder.rdbuf()->setLineLength(0);
  encoder << text;
  encoder.close();
  return out.str();
}

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
                      Good{"ColonInPassword", "Basic " + Base64("a:b:c:"), "a", "b:c:"},
                      Good{"NoUser", "Basic " + Base64(":b"), "", "b"},
                      Good{"NoPassword", "Basic " + Base64("a:"), "a", ""},
                      Good{"Nothing", "Basic " + Base64(":"), "", ""},
                      Good{"NotUtf8", "Basic " + Base64("\xFF\xFE:\xC3"), "\xFF\xFE", "\xC3"},
                      Good{"Long", "Basic " + Base64("a:" + std::string(10'000, 'x')), "a",
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
                      Bad{"Tab", "Basic\tYTpi"}, Bad{"NoColon", "Basic " + Base64("ab")},
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
    const auto read = ReadBasicCredentials("Basic " + Base64(user + ":" + password));
    ASSERT_TRUE(read) << "round " << round;
    ASSERT_EQ(read->user, user) << "round " << round;
    ASSERT_EQ(read->password.Reveal(), password) << "round " << round;
  }
}

}  // namespace
}  // namespace acronis::exporter
