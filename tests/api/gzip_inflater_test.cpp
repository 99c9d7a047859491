#include "plugin/api/gzip_inflater.h"

#include <algorithm>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/fakes/gzip.h"

namespace acronis::api {
namespace {

using fakes::Deflater;
using fakes::EndlessGzip;
using fakes::Gzip;

constexpr std::size_t kMebibyte = std::size_t{1} << 20U;

/// What `packed` unpacks to when it comes in pieces of `size`, or why it does not.
Result<std::string> Unpack(std::string_view packed, std::size_t size,
                           std::size_t max_bytes = 64 * kMebibyte) {
  GzipInflater inflater(max_bytes);
  std::string out;
  for (std::size_t at = 0; at < packed.size(); at += size) {
    if (auto added = inflater.Add(packed.substr(at, size), out); !added) {
      return std::move(added).error();
    }
  }
  if (auto finished = inflater.Finish(); !finished) {
    return std::move(finished).error();
  }
  return out;
}

std::string Noise(std::size_t size) {
  std::mt19937 random(7);
  std::string text(size, '\0');
  std::generate(text.begin(), text.end(), [&] { return static_cast<char>(random()); });
  return text;
}

TEST(GzipInflater, ReturnsWhatWasPackedHoweverItIsCut) {
  for (const std::string& text : {std::string(), std::string("{}"), Noise(1000),
                                  Noise(300'000) + std::string(300'000, ' ') + Noise(10)}) {
    const std::string packed = Gzip(text);
    for (const std::size_t size : {std::size_t{1}, std::size_t{7}, packed.size()}) {
      const auto out = Unpack(packed, size);
      ASSERT_TRUE(out) << out.error().message;
      EXPECT_EQ(*out, text) << "in pieces of " << size;
    }
  }
}

TEST(GzipInflater, RefusesEveryBeginningOfAStream) {
  const std::string packed = Gzip("a page of tasks");
  for (std::size_t length = 0; length < packed.size(); ++length) {
    const auto out = Unpack(packed.substr(0, length), 5);
    ASSERT_FALSE(out) << length;
    EXPECT_EQ(out.error().message, "its gzip stream is cut");
  }
}

struct BrokenCase {
  std::string name;
  std::string packed;
  std::string says;
};
class BrokenGzipTest : public ::testing::TestWithParam<BrokenCase> {};

TEST_P(BrokenGzipTest, IsRefused) {
  for (const std::size_t size : {std::size_t{1}, GetParam().packed.size()}) {
    const auto out = Unpack(GetParam().packed, size);
    ASSERT_FALSE(out) << *out;
    EXPECT_EQ(out.error().kind, ErrorKind::kInvalidResponse);
    EXPECT_NE(out.error().message.find(GetParam().says), std::string::npos) << out.error().message;
  }
}

std::string WithFlippedByte(std::string packed, std::size_t from_the_end) {
  char& byte = packed[packed.size() - from_the_end];
  byte = static_cast<char>(byte ^ 1);
  return packed;
}

INSTANTIATE_TEST_SUITE_P(
    Streams, BrokenGzipTest,
    ::testing::Values(
        BrokenCase{"Plain", R"({"items":[]})", "not valid gzip"},
        BrokenCase{"Zlib", Deflater(Deflater::kZlib).Add("abc", Z_FINISH), "not valid"},
        BrokenCase{"Raw", Deflater(Deflater::kRaw).Add("abc", Z_FINISH), "not valid"},
        BrokenCase{"Checksum", WithFlippedByte(Gzip("abc"), 8), "data check"},
        BrokenCase{"Length", WithFlippedByte(Gzip("abc"), 4), "length check"},
        BrokenCase{"TrailingByte", Gzip("abc") + "x", "behind its gzip stream"},
        BrokenCase{"TrailingZeros", Gzip("abc") + std::string(8, '\0'), "behind its gzip stream"},
        BrokenCase{"SecondMember", Gzip("abc") + Gzip("def"), "behind its gzip stream"}),
    [](const auto& instance) { return instance.param.name; });

/// Feeds an endless stream until it is refused; how many MiB of it were taken.
std::size_t FeedEndless(const EndlessGzip& stream, std::size_t max_bytes, std::string& out,
                        std::string& refusal) {
  constexpr std::size_t kMostPieces = 10 * 1024;
  GzipInflater inflater(max_bytes);
  auto taken = inflater.Add(stream.head, out);
  std::size_t pieces = 1;
  while (taken && pieces < kMostPieces) {
    taken = inflater.Add(stream.piece, out);
    ++pieces;
  }
  refusal = taken ? "" : taken.error().message;
  return pieces;
}

TEST(GzipInflater, StopsABombOfTenGigabytesBeforeItIsHeld) {
  const EndlessGzip bomb(std::string(kMebibyte, ' '));
  ASSERT_LT(bomb.piece.size(), 1100U) << "a thousand times smaller than what it unpacks to";
  std::string out;
  std::string refusal;
  EXPECT_LE(FeedEndless(bomb, 64 * kMebibyte, out, refusal), 2U);
  EXPECT_EQ(refusal, "it unpacks to more than 200 times its size");
  EXPECT_LE(out.capacity(), 4 * kMebibyte);
}

TEST(GzipInflater, StopsASlowBombAtTheLargestSize) {
  const std::string noise = Noise(16'384);
  std::string text;
  while (text.size() < kMebibyte) {
    text += noise;
  }
  const EndlessGzip bomb(text);
  ASSERT_GT(bomb.piece.size() * GzipInflater::kMaxRatio, text.size());
  std::string out;
  std::string refusal;
  EXPECT_EQ(FeedEndless(bomb, 5 * kMebibyte, out, refusal), 6U);
  EXPECT_EQ(refusal, "it unpacks to more than 5242880 bytes");
  EXPECT_LE(out.size(), 5 * kMebibyte);
}

TEST(GzipInflater, TakesTheLargestSizeAndNotAByteMore) {
  const std::string text = Noise(200'000);
  EXPECT_TRUE(Unpack(Gzip(text), 4096, text.size()));
  EXPECT_FALSE(Unpack(Gzip(text), 4096, text.size() - 1));
}

TEST(GzipInflater, AllowsAnyRatioUntilOneMebibyte) {
  EXPECT_TRUE(Unpack(Gzip(std::string(kMebibyte, ' ')), 64));
  EXPECT_FALSE(Unpack(Gzip(std::string(kMebibyte + 1, ' ')), 64));
}

}  // namespace
}  // namespace acronis::api
