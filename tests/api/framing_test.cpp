#include <future>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/api/transport_fixture.h"
#include "tests/fakes/gzip.h"
#include "tests/fakes/wire_server.h"

namespace acronis::api {
namespace {

using fakes::Answer;
using fakes::Gzip;
using fakes::Wire;
using fakes::WireServer;

struct WholeCase {
  std::string name;
  std::string bytes;
  std::string body;
};
class WholeAnswerTest : public ::testing::TestWithParam<WholeCase> {};

TEST_P(WholeAnswerTest, IsRead) {
  WireServer server(Once(GetParam().bytes));
  const auto response = Make(OptionsFor(server.Url()))->Send(Get("/"), {});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, GetParam().body);
}

const std::string kGzipHeader = "Content-Encoding: gzip\r\n";
const std::string kNoCoding = "Content-Encoding:\r\n";

/// One byte a chunk.
std::string GzipInChunks(const std::string& text) {
  std::string bytes = kOk + kChunkedHeader + kGzipHeader + "\r\n";
  for (const char byte : Gzip(text)) {
    bytes += std::string("1\r\n") + byte + "\r\n";
  }
  return bytes + "0\r\n\r\n";
}

INSTANTIATE_TEST_SUITE_P(
    Framings, WholeAnswerTest,
    ::testing::Values(
        WholeCase{"Length", Answer("abc"), "abc"}, WholeCase{"EmptyBody", Answer(""), ""},
        WholeCase{"Large", Answer(std::string(300'000, 'x')), std::string(300'000, 'x')},
        WholeCase{"Chunks", kChunked + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"},
        WholeCase{"ChunkExtensionAndTrailer",
                  kChunked + "3;name=value\r\nabc\r\n0\r\nX-Trailer: 1\r\n\r\n", "abc"},
        WholeCase{"LargeChunk",
                  kChunked + "30D40\r\n" + std::string(200'000, 'y') + "\r\n0\r\n\r\n",
                  std::string(200'000, 'y')},
        WholeCase{"UntilTheEnd", "HTTP/1.0 200 OK\r\n\r\nabc", "abc"},
        WholeCase{"AfterAnInterimAnswer", "HTTP/1.1 100 Continue\r\n\r\n" + Answer("abc"), "abc"},
        WholeCase{"Gzip", Answer(Gzip("abc"), kGzipHeader), "abc"},
        WholeCase{"LargeGzip", Answer(Gzip(std::string(300'000, 'x')), kGzipHeader),
                  std::string(300'000, 'x')},
        WholeCase{"GzipUnderItsOldName", Answer(Gzip("abc"), "Content-Encoding: X-GZip \r\n"),
                  "abc"},
        WholeCase{"GzipInChunks", GzipInChunks("abc"), "abc"},
        WholeCase{"GzipUntilTheEnd", "HTTP/1.0 200 OK\r\n" + kGzipHeader + "\r\n" + Gzip("abc"),
                  "abc"},
        WholeCase{"GzipOfNothing", Answer(Gzip(""), kGzipHeader), ""},
        WholeCase{"EmptyBodySaidToBeGzip", Answer("", kGzipHeader), ""},
        WholeCase{"GzipBetweenEmptyHeaders",
                  Answer(Gzip("abc"), kNoCoding + kGzipHeader + kNoCoding), "abc"},
        WholeCase{"Identity", Answer("abc", "Content-Encoding: Identity\r\n"), "abc"},
        WholeCase{"ChunksBehindAnEmptyHeader",
                  kOk + "Transfer-Encoding:\r\n" + kChunkedHeader + "\r\n3\r\nabc\r\n0\r\n\r\n",
                  "abc"},
        WholeCase{"NoContent", "HTTP/1.1 204 No Content\r\n\r\n", ""}),
    [](const auto& instance) { return instance.param.name; });

struct BrokenCase {
  std::string name;
  std::string bytes;
  std::string says;
  ErrorKind kind = ErrorKind::kInvalidResponse;
};
class BrokenAnswerTest : public ::testing::TestWithParam<BrokenCase> {};

TEST_P(BrokenAnswerTest, IsRefusedAsAWhole) {
  WireServer server(Once(GetParam().bytes));
  auto options = OptionsFor(server.Url());
  options.max_body_bytes = 1000;
  options.request_timeout = kLong;
  const auto response = Make(std::move(options))->Send(Get("/"), {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, GetParam().kind) << response.error().message;
  EXPECT_NE(response.error().message.find(GetParam().says), std::string::npos)
      << response.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Faults, BrokenAnswerTest,
    ::testing::Values(
        BrokenCase{"CutBody", kOk + "Content-Length: 10\r\n\r\nabc", "3 of 10 bytes"},
        BrokenCase{"CutChunk", kChunked + "A\r\nabc", "broke"},
        BrokenCase{"CutBetweenChunks", kChunked + "3\r\nabc\r\n", "broke"},
        BrokenCase{"NoLastChunk", kChunked + "3\r\nabc", "broke"},
        BrokenCase{"CutTrailer", kChunked + "3\r\nabc\r\n0\r\n", "broke"},
        BrokenCase{"BadChunkSize", kChunked + "zz\r\nabc\r\n0\r\n\r\n", "no size"},
        BrokenCase{"NegativeChunkSize", kChunked + "-3\r\nabc\r\n0\r\n\r\n", "no size"},
        BrokenCase{"HugeChunkSize", kChunked + "FFFFFFFFFFFFFFFF\r\nabc\r\n", "larger than"},
        BrokenCase{"ChunkSizeOverflow", kChunked + "1FFFFFFFFFFFFFFFFF\r\nabc\r\n", "no size"},
        BrokenCase{"ChunkLongerThanItSays", kChunked + "2\r\nabc\r\n0\r\n\r\n", "longer"},
        BrokenCase{"TooManyChunks",
                   kChunked + "258\r\n" + std::string(600, 'x') + "\r\n258\r\n" +
                       std::string(600, 'x') + "\r\n0\r\n\r\n",
                   "larger than 1000"},
        BrokenCase{"EndlessLineBetweenChunks", kChunked + "3" + std::string(100'000, ' '),
                   "too long"},
        BrokenCase{"NegativeLength", kOk + "Content-Length: -5\r\n\r\n", "Content-Length"},
        BrokenCase{"LengthIsNoNumber", kOk + "Content-Length: ten\r\n\r\n", "Content-Length"},
        BrokenCase{"TwoLengths", kOk + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                   "Content-Length"},
        BrokenCase{"LengthAndChunks",
                   kOk + "Content-Length: 3\r\n" + kChunkedHeader + "\r\n0\r\n\r\n", "ambiguous"},
        BrokenCase{
            "LengthAndChunksBehindAnEmptyHeader",
            kOk + "Content-Length: 3\r\nTransfer-Encoding:\r\n" + kChunkedHeader + "\r\n0\r\n\r\n",
            "ambiguous"},
        BrokenCase{"ChunkedAndSomethingElse",
                   kOk + kChunkedHeader + "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n", "ambiguous"},
        BrokenCase{"ChunkedTwice", kOk + kChunkedHeader + kChunkedHeader + "\r\n0\r\n\r\n",
                   "ambiguous"},
        BrokenCase{"TooLarge", kOk + "Content-Length: 1001\r\n\r\n", "larger than 1000"},
        BrokenCase{"TooLargeUntilTheEnd", kOk + "\r\n" + std::string(5000, 'x'),
                   "larger than 1000"},
        BrokenCase{"SomethingBehindTheEnd", Answer("abc") + "junk", "behind its end"},
        BrokenCase{"GzipThatIsPlain", Answer("abc", kGzipHeader), "not valid gzip"},
        BrokenCase{"GzipTwice", Answer(Gzip(Gzip("abc")), "Content-Encoding: gzip, gzip\r\n"),
                   "'gzip, gzip', which nobody asked for"},
        BrokenCase{"GzipTwiceInTwoHeaders", Answer(Gzip(Gzip("abc")), kGzipHeader + kGzipHeader),
                   "'gzip, gzip', which nobody asked for"},
        BrokenCase{"Deflate", Answer("abc", "Content-Encoding: deflate\r\n"), "'deflate'"},
        BrokenCase{"Brotli", Answer("abc", "Content-Encoding: br\r\n"), "'br'"},
        BrokenCase{"CutGzip", Answer(Gzip("abc").substr(0, 20), kGzipHeader), "stream is cut"},
        BrokenCase{"CutBodyOfGzip",
                   kOk + kGzipHeader + "Content-Length: 23\r\n\r\n" + Gzip("abc").substr(0, 20),
                   "20 of 23 bytes"},
        BrokenCase{"SomethingBehindTheGzip", Answer(Gzip("abc") + "junk", kGzipHeader),
                   "behind its gzip stream"},
        BrokenCase{"GzipThatUnpacksToTooMuch", Answer(Gzip(std::string(1001, 'x')), kGzipHeader),
                   "unpacks to more than 1000 bytes"},
        BrokenCase{"HugeHeader", kOk + "X: " + std::string(1'000'000, 'x') + "\r\n\r\n", "header"},
        BrokenCase{"LongHeaderLine", kOk + "X: " + std::string(20'000, 'x') + "\r\n\r\n", "header"},
        BrokenCase{"NotHttp", "SSH-2.0-OpenSSH_9.2p1\r\n\r\n", "not HTTP"},
        BrokenCase{"NegativeStatus", "HTTP/1.1 -01 OK\r\n\r\n", "malformed"},
        BrokenCase{"StatusBelowAHundred", "HTTP/1.1 099 OK\r\n\r\n", "malformed"},
        BrokenCase{"BadStatus", "HTTP/1.1 abc OK\r\n\r\n", "malformed"},
        BrokenCase{"CutHeader", "HTTP/1.1 200 OK\r\nContent-Le", "middle of a header",
                   ErrorKind::kNetwork},
        BrokenCase{"NoAnswer", "", "without an answer", ErrorKind::kNetwork}),
    [](const auto& instance) { return instance.param.name; });

TEST(Framing, AsksForGzip) {
  std::promise<std::string> seen;
  WireServer server([&](Wire& wire, int) {
    seen.set_value(wire.ReadRequest());
    wire.Send(Answer("a"));
  });
  ASSERT_TRUE(Make(OptionsFor(server.Url()))->Send(Get("/"), {}));
  EXPECT_NE(seen.get_future().get().find("Accept-Encoding: gzip\r\n"), std::string::npos);
}

TEST(Framing, TellsHowManyBytesOfTheBodyWereSent) {
  const std::string packed = Gzip(std::string(300'000, 'x'));
  WireServer server([&](Wire& wire, int number) {
    wire.ReadRequest();
    wire.Send(number == 1   ? Answer(packed, kGzipHeader + "Connection: close\r\n")
              : number == 2 ? kOk + "Content-Length: 10\r\n\r\nabc"
                            : "");
  });
  const auto transport = Make(OptionsFor(server.Url()));
  ASSERT_TRUE(transport->Send(Get("/"), {}));
  EXPECT_EQ(transport->Received(), packed.size());
  ASSERT_FALSE(transport->Send(Get("/"), {}));
  EXPECT_EQ(transport->Received(), 3U) << "of a body that was cut";
  ASSERT_FALSE(transport->Send(Get("/"), {}));
  EXPECT_EQ(transport->Received(), 0U) << "of no answer at all";
}

TEST(Framing, HangsUpOnAGzipBomb) {
  const fakes::EndlessGzip bomb(std::string(1 << 20, ' '));
  std::promise<bool> hung_up;
  WireServer server([&](Wire& wire, int) {
    wire.ReadRequest();
    bool taken = wire.Send(kOk + kGzipHeader + "Content-Length: 11000000\r\n\r\n" + bomb.head);
    for (int mebibytes = 1; taken && mebibytes < 10 * 1024; ++mebibytes) {
      taken = wire.Send(bomb.piece);
    }
    hung_up.set_value(!taken);
  });
  const auto transport = Make(OptionsFor(server.Url()));
  const auto response = transport->Send(Get("/"), {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::kInvalidResponse);
  EXPECT_NE(response.error().message.find("200 times its size"), std::string::npos)
      << response.error().message;
  EXPECT_LT(transport->Received(), 200'000U);
  EXPECT_TRUE(hung_up.get_future().get()) << "all ten gigabytes were taken";
}

}  // namespace
}  // namespace acronis::api
