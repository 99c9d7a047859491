#include <chrono>
#include <future>
#include <memory>
#include <ostream>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <vector>

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <gtest/gtest.h>

#include "plugin/api/poco_transport.h"
#include "tests/fakes/gzip.h"
#include "tests/fakes/wire_server.h"

namespace acronis::api {
namespace {

using fakes::Answer;
using fakes::Gzip;
using fakes::Wire;
using fakes::WireServer;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kLong{60};
constexpr seconds kSoon{20};  // What "at once" may take on a busy machine.

std::unique_ptr<HttpTransport> Make(TransportOptions options) {
  auto made = MakePocoTransport(std::move(options));
  EXPECT_TRUE(made) << made.error().message;
  return std::move(made).value();
}

TransportOptions OptionsFor(const std::string& url) {
  TransportOptions options;
  options.base_url = url;
  options.user_agent = "test/1";
  return options;
}

HttpRequest Get(const std::string& target) {
  HttpRequest request;
  request.target = target;
  return request;
}

/// Serves every request of every connection with the same bytes.
WireServer::Script Always(std::string bytes) {
  return [bytes = std::move(bytes)](Wire& wire, int) {
    while (!wire.ReadRequest().empty() && wire.Send(bytes)) {
    }
  };
}

/// Sends these bytes once and hangs up.
WireServer::Script Once(std::string bytes) {
  return [bytes = std::move(bytes)](Wire& wire, int) {
    wire.ReadRequest();
    wire.Send(bytes);
  };
}

TEST(Transport, SendsHostAgentAndPathAndReturnsTheWholeAnswer) {
  std::promise<std::string> seen;
  WireServer server([&](Wire& wire, int) {
    seen.set_value(wire.ReadRequest());
    wire.Send(Answer("hello", "X-Thing: 7\r\n"));
    wire.WaitUntilGone();
  });
  const auto transport = Make(OptionsFor(server.Url() + "/base/"));
  const auto response = transport->Send(Get("/tasks?limit=1"), {});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "hello");
  EXPECT_EQ(response->Header("x-thing"), "7");
  const std::string request = seen.get_future().get();
  EXPECT_TRUE(request.starts_with("GET /base/tasks?limit=1 HTTP/1.1\r\n")) << request;
  EXPECT_NE(request.find("Host: 127.0.0.1:" + std::to_string(server.Port()) + "\r\n"),
            std::string::npos);
  EXPECT_NE(request.find("User-Agent: test/1\r\n"), std::string::npos);
}

TEST(Transport, SendsABodyWithItsLength) {
  std::promise<std::string> seen;
  WireServer server([&](Wire& wire, int) {
    seen.set_value(wire.ReadRequest());
    wire.Send(Answer("{}"));
    wire.WaitUntilGone();
  });
  HttpRequest request = Get("/token");
  request.method = "POST";
  request.body = "grant_type=client_credentials";
  ASSERT_TRUE(Make(OptionsFor(server.Url()))->Send(request, {}));
  EXPECT_TRUE(seen.get_future().get().ends_with("\r\n\r\ngrant_type=client_credentials"));
}

TEST(Transport, KeepsTheConnectionAlive) {
  WireServer server(Always(Answer("a")));
  const auto transport = Make(OptionsFor(server.Url()));
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(transport->Send(Get("/"), {}));
  }
  EXPECT_EQ(server.Connections(), 1);
}

TEST(Transport, ClosesAConnectionThatIsNotToBeKept) {
  WireServer server([](Wire& wire, int) {
    while (true) {
      const std::string request = wire.ReadRequest();
      const bool told = request.find("Connection: Close\r\n") != std::string::npos;
      if (request.empty() || !wire.Send(Answer(told ? "told" : "not told"))) {
        return;
      }
    }
  });
  TransportOptions options = OptionsFor(server.Url());
  options.keep_alive = false;
  const auto transport = Make(options);
  for (int i = 0; i < 2; ++i) {
    const auto response = transport->Send(Get("/"), {});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, "told");
  }
  EXPECT_EQ(server.Connections(), 2);
}

TEST(Transport, OpensAnotherConnectionWhenTheServerAsksForIt) {
  WireServer server(Always(Answer("a", "Connection: close\r\n")));
  const auto transport = Make(OptionsFor(server.Url()));
  ASSERT_TRUE(transport->Send(Get("/"), {}));
  ASSERT_TRUE(transport->Send(Get("/"), {}));
  EXPECT_EQ(server.Connections(), 2);
}

TEST(Transport, ReplacesAnIdleConnectionThatTheServerClosed) {
  WireServer server(Once(Answer("a")));
  const auto transport = Make(OptionsFor(server.Url()));
  for (int i = 1; i <= 3; ++i) {
    const auto response = transport->Send(Get("/"), {});
    ASSERT_TRUE(response) << response.error().message;
  }
  EXPECT_EQ(server.Connections(), 3);
}

TEST(Transport, RepeatsOnceWhenAKeptConnectionDiesBeforeTheAnswer) {
  WireServer server([](Wire& wire, int number) {
    wire.ReadRequest();
    wire.Send(Answer("a"));
    if (number == 1) {
      wire.ReadRequest();  // ... and hangs up on it.
      return;
    }
    wire.WaitUntilGone();
  });
  int retries = 0;
  auto options = OptionsFor(server.Url());
  options.on_retry = [&] { ++retries; };
  const auto transport = Make(std::move(options));
  ASSERT_TRUE(transport->Send(Get("/"), {}));
  const auto response = transport->Send(Get("/"), {});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(retries, 1);
  EXPECT_EQ(server.Connections(), 2);
}

TEST(Transport, DoesNotRepeatWhenPartOfTheAnswerArrived) {
  WireServer server([](Wire& wire, int) {
    wire.ReadRequest();
    wire.Send(Answer("a"));
    wire.ReadRequest();
    wire.Send("HTTP/1.1 200 OK\r\nConte");
  });
  const auto transport = Make(OptionsFor(server.Url()));
  ASSERT_TRUE(transport->Send(Get("/"), {}));
  const auto response = transport->Send(Get("/"), {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::kNetwork);
  EXPECT_EQ(server.Connections(), 1);
}

TEST(Transport, DoesNotRepeatOnAFreshConnection) {
  WireServer server([](Wire& wire, int) { wire.ReadRequest(); });
  const auto response = Make(OptionsFor(server.Url()))->Send(Get("/"), {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::kNetwork);
  EXPECT_EQ(server.Connections(), 1);
}

TEST(Transport, ReportsARefusedConnectionWithItsAddress) {
  std::uint16_t port = 0;
  {
    const Poco::Net::ServerSocket taken(Poco::Net::SocketAddress("127.0.0.1", 0));
    port = taken.address().port();
  }
  const auto response =
      Make(OptionsFor("http://127.0.0.1:" + std::to_string(port)))->Send(Get("/"), {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::kNetwork);
  EXPECT_NE(response.error().message.find("127.0.0.1:" + std::to_string(port)), std::string::npos);
  EXPECT_NE(response.error().message.find("refused"), std::string::npos)
      << response.error().message;
}

TEST(Transport, ReportsAHostThatDoesNotExist) {
  const auto response = Make(OptionsFor("https://no-such-host.invalid"))->Send(Get("/"), {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::kNetwork);
  EXPECT_NE(response.error().message.find("no-such-host.invalid"), std::string::npos);
}

TEST(Transport, DoesNotFollowRedirects) {
  WireServer server(Always(Answer("", "Location: https://elsewhere.example/\r\n", "302 Found")));
  const auto response = Make(OptionsFor(server.Url()))->Send(Get("/"), {});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(server.Connections(), 1);
}

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

const std::string kOk = "HTTP/1.1 200 OK\r\n";
const std::string kChunkedHeader = "Transfer-Encoding: chunked\r\n";
const std::string kChunked = kOk + kChunkedHeader + "\r\n";

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

TEST(Transport, SaysWhenTheSystemHasNoDescriptorToSpare) {
#if defined(__has_feature)
#if __has_feature(undefined_behavior_sanitizer)
  GTEST_SKIP() << "the sanitizer needs descriptors of its own to look at objects";
#endif
#endif
  rlimit usual{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &usual), 0);
  const rlimit none{0, usual.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto transport = MakePocoTransport(OptionsFor("http://127.0.0.1:1"));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &usual), 0);
  ASSERT_FALSE(transport);
  EXPECT_EQ(transport.error().kind, ErrorKind::kNetwork);
  EXPECT_NE(transport.error().message.find("Too many open files"), std::string::npos)
      << transport.error().message;
}

TEST(Transport, AsksForGzip) {
  std::promise<std::string> seen;
  WireServer server([&](Wire& wire, int) {
    seen.set_value(wire.ReadRequest());
    wire.Send(Answer("a"));
  });
  ASSERT_TRUE(Make(OptionsFor(server.Url()))->Send(Get("/"), {}));
  EXPECT_NE(seen.get_future().get().find("Accept-Encoding: gzip\r\n"), std::string::npos);
}

TEST(Transport, TellsHowManyBytesOfTheBodyWereSent) {
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

TEST(Transport, HangsUpOnAGzipBomb) {
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

/// Sends `before`, then one byte of `again` every few milliseconds for ever.
WireServer::Script Drip(std::string before, std::string again) {
  return [before = std::move(before), again = std::move(again)](Wire& wire, int) {
    wire.ReadRequest();
    wire.Send(before);
    while (!wire.WaitUntilGone(milliseconds(20)) && wire.Send(again)) {
    }
  };
}

/// Sends `before`, then `again` for ever, as fast as it is taken.
WireServer::Script Flood(std::string before, const std::string& again) {
  constexpr std::size_t kPiece = 100'000;
  std::string piece;
  while (piece.size() < kPiece) {
    piece += again;
  }
  return [before = std::move(before), piece = std::move(piece)](Wire& wire, int) {
    wire.ReadRequest();
    wire.Send(before);
    while (wire.Send(piece)) {
    }
  };
}

struct SlowCase {
  std::string name;
  WireServer::Script script;
};
void PrintTo(const SlowCase& slow, std::ostream* out) {
  *out << slow.name;
}
class SlowServerTest : public ::testing::TestWithParam<SlowCase> {};

TEST_P(SlowServerTest, IsCutAtTheDeadlineOfTheWholeRequest) {
  WireServer server(GetParam().script);
  auto options = OptionsFor(server.Url());
  options.request_timeout = milliseconds(300);
  const auto transport = Make(std::move(options));
  const auto before = std::chrono::steady_clock::now();
  const auto response = transport->Send(Get("/"), {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::kTimeout) << response.error().message;
  EXPECT_LT(std::chrono::steady_clock::now() - before, kSoon);
  EXPECT_NE(response.error().message.find("127.0.0.1:"), std::string::npos);
}

TEST_P(SlowServerTest, IsLeftWhenAskedToStop) {
  WireServer server(GetParam().script);
  const auto transport = Make(OptionsFor(server.Url()));
  std::stop_source stop;
  auto response =
      std::async(std::launch::async, [&] { return transport->Send(Get("/"), stop.get_token()); });
  ASSERT_EQ(response.wait_for(milliseconds(200)), std::future_status::timeout);
  stop.request_stop();
  ASSERT_EQ(response.wait_for(kSoon), std::future_status::ready);
  const auto outcome = response.get();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kCancelled);
}

INSTANTIATE_TEST_SUITE_P(
    Scripts, SlowServerTest,
    ::testing::Values(
        SlowCase{"Silent", [](Wire& wire, int) { wire.WaitUntilGone(); }},
        SlowCase{"DripsHeaders", Drip("HTTP/1.1 200 OK\r\nX: ", "x")},
        SlowCase{"DripsBody", Drip(kOk + "Content-Length: 100000\r\n\r\n", "x")},
        SlowCase{"DripsChunks", Drip(kChunked, "1\r\nx\r\n")},
        SlowCase{"SendsInterimAnswersForEver", Drip("", "HTTP/1.1 100 Continue\r\n\r\n")},
        SlowCase{"FloodsWithInterimAnswers", Flood("", "HTTP/1.1 100 Continue\r\n\r\n")},
        SlowCase{"FloodsWithExtensionsOfChunks",
                 Flood(kChunked, "1;" + std::string(4000, 'x') + "\r\nx\r\n")},
        SlowCase{"StallsInTheBody",
                 [](Wire& wire, int) {
                   wire.ReadRequest();
                   wire.Send(kOk + "Content-Length: 10\r\n\r\nabc");
                   wire.WaitUntilGone();
                 }}),
    [](const auto& instance) { return instance.param.name; });

/// A port whose queue of waiting connections is full: another connect hangs.
class FullQueue {
 public:
  FullQueue() {
    listener_.bind(Poco::Net::SocketAddress("127.0.0.1", 0), false, false);
    listener_.listen(0);
    for (int i = 0; i < 8; ++i) {
      Poco::Net::StreamSocket filler;
      filler.connectNB(listener_.address());
      fillers_.push_back(filler);
    }
  }
  std::string Url() const {
    return "http://127.0.0.1:" + std::to_string(listener_.address().port());
  }

 private:
  Poco::Net::ServerSocket listener_;
  std::vector<Poco::Net::StreamSocket> fillers_;
};

TEST(Transport, GivesUpAConnectThatHangs) {
  const FullQueue queue;
  auto options = OptionsFor(queue.Url());
  options.connect_timeout = milliseconds(300);
  options.request_timeout = kLong;
  const auto response = Make(std::move(options))->Send(Get("/"), {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::kTimeout);
  EXPECT_NE(response.error().message.find("connect to"), std::string::npos);
}

TEST(Transport, LeavesAConnectThatHangsWhenAskedToStop) {
  const FullQueue queue;
  auto options = OptionsFor(queue.Url());
  options.connect_timeout = kLong;
  const auto transport = Make(std::move(options));
  std::stop_source stop;
  auto response =
      std::async(std::launch::async, [&] { return transport->Send(Get("/"), stop.get_token()); });
  ASSERT_EQ(response.wait_for(milliseconds(200)), std::future_status::timeout);
  stop.request_stop();
  ASSERT_EQ(response.wait_for(kSoon), std::future_status::ready);
  EXPECT_EQ(response.get().error().kind, ErrorKind::kCancelled);
}

TEST(Transport, SendsNothingAfterAStopWasRequested) {
  WireServer server(Always(Answer("a")));
  std::stop_source stop;
  stop.request_stop();
  const auto response = Make(OptionsFor(server.Url()))->Send(Get("/"), stop.get_token());
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::kCancelled);
  EXPECT_EQ(server.Connections(), 0);
}

TEST(Transport, WorksAgainAfterAnError) {
  WireServer server([](Wire& wire, int number) {
    wire.ReadRequest();
    wire.Send(number == 1 ? kOk + "Content-Length: 10\r\n\r\nabc" : Answer("whole"));
  });
  const auto transport = Make(OptionsFor(server.Url()));
  EXPECT_FALSE(transport->Send(Get("/"), {}));
  const auto response = transport->Send(Get("/"), {});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "whole");
}

struct UrlCase {
  std::string name;
  std::string url;
};
class BadUrlTest : public ::testing::TestWithParam<UrlCase> {};

TEST_P(BadUrlTest, IsRefusedByName) {
  const auto made = MakePocoTransport(OptionsFor(GetParam().url));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_TRUE(made.error().message.starts_with("base_url")) << made.error().message;
}

INSTANTIATE_TEST_SUITE_P(Urls, BadUrlTest,
                         ::testing::Values(UrlCase{"Empty", ""},
                                           UrlCase{"NoScheme", "host.example"},
                                           UrlCase{"Ftp", "ftp://host.example"},
                                           UrlCase{"HttpElsewhere", "http://host.example"},
                                           UrlCase{"UserInfo", "https://u:p@host.example"},
                                           UrlCase{"Query", "https://host.example/?a=b"},
                                           UrlCase{"BadPort", "https://host.example:99999"}),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace acronis::api
