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
#include "tests/api/transport_fixture.h"
#include "tests/fakes/wire_server.h"

namespace acronis::api {
namespace {

using fakes::Answer;
using fakes::Wire;
using fakes::WireServer;
using std::chrono::milliseconds;
using std::chrono::seconds;

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
