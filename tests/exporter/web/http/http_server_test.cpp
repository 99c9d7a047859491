#include "exporter/web/http/http_server.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <gtest/gtest.h>

#include "exporter/web/listener.h"
#include "tests/exporter/web/http_client.h"

namespace acronis::exporter::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kGet = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view kLastGet = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// A connection that a test holds in its hands. What it waits for comes, or the test fails.
class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0) {
    if (receive_buffer > 0) {
      socket_ = Poco::Net::StreamSocket(Poco::Net::AddressFamily::IPv4);
      socket_.setReceiveBufferSize(receive_buffer);
    }
    socket_.connect(Poco::Net::SocketAddress("127.0.0.1", port));
    socket_.setReceiveTimeout(Poco::Timespan(60, 0));
  }

  /// False when the server has closed.
  bool Send(std::string_view bytes) {
    try {
      socket_.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
      return true;
    } catch (const Poco::Exception&) {
      return false;
    }
  }

  /// Until the server closes; what a reset loses is lost.
  std::string ReadToEnd() {
    std::string all;
    while (ReadSome(all)) {
    }
    return all;
  }

  std::string ReadUntil(std::string_view end) {
    std::string all;
    while (all.find(end) == std::string::npos && ReadSome(all)) {
    }
    return all;
  }

 private:
  bool ReadSome(std::string& all) {
    std::array<char, 65536> buffer{};
    try {
      const int got = socket_.receiveBytes(buffer.data(), static_cast<int>(buffer.size()));
      all.append(buffer.data(), static_cast<std::size_t>(std::max(got, 0)));
      return got > 0;
    } catch (const Poco::TimeoutException&) {
      ADD_FAILURE() << "the server neither sent nor closed";
      return false;
    } catch (const Poco::Exception&) {
      return false;
    }
  }

  Poco::Net::StreamSocket socket_;
};

class HttpServerTest : public ::testing::Test {
 protected:
  void Start(const Limits& limits = {}) {
    server_ = std::make_unique<HttpServer>(
        std::vector{Listen("127.0.0.1:0")},
        HttpServer::Parts{std::make_shared<const PlainStreamMaker>(),
                          [this](const Request& request) { return Answer(request); }, limits});
  }

  virtual Reply Answer(const Request& request) {
    ++answered_;
    Reply reply = TextReply(kOk, request.method + ' ' + request.path);
    if (request.path == "/large") {
      reply.body = Body(large_);
    }
    reply.served = [this] { ++served_; };
    return reply;
  }

  std::uint16_t Port() const { return server_->Sockets().front().address().port(); }

  std::string large_ = std::string(20'000'000, 'x');
  std::atomic<int> answered_ = 0;
  std::atomic<int> served_ = 0;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersPipelinedRequestsInTheirOrder) {
  Start();
  Client client(Port());
  client.Send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: x\r\n\r\n" +
              std::string(kLastGet));
  const std::string replies = client.ReadToEnd();
  EXPECT_NE(replies.find("GET /1\nHTTP/1.1 200 OK"), std::string::npos) << replies;
  EXPECT_EQ(replies.find("HEAD /2"), std::string::npos) << replies;
  EXPECT_TRUE(replies.ends_with("GET /\n")) << replies;
  EXPECT_EQ(answered_, 3);
}

TEST_F(HttpServerTest, TellsAnOldClientThatItCloses) {
  Start();
  Client client(Port());
  client.Send("GET / HTTP/1.0\r\n\r\n");
  const std::string reply = client.ReadToEnd();
  EXPECT_NE(reply.find("\r\nConnection: close\r\n"), std::string::npos) << reply;
}

TEST_F(HttpServerTest, EndsAfterARequestThatIsMalformed) {
  Start();
  Client client(Port());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n" + std::string(kGet));
  const std::string reply = client.ReadToEnd();
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 400 Bad Request\r\n")) << reply;
  EXPECT_EQ(answered_, 0);
}

TEST_F(HttpServerTest, ReadsABodyAndGoesOn) {
  Start();
  Client client(Port());
  client.Send("POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12");
  client.Send("345" + std::string(kLastGet));
  const std::string replies = client.ReadToEnd();
  EXPECT_NE(replies.find("POST /1\n"), std::string::npos) << replies;
  EXPECT_TRUE(replies.ends_with("GET /\n")) << replies;
}

struct BodyCase {
  std::string name;
  std::string fields;
  std::string body;
};
class UnreadBodyTest : public HttpServerTest, public ::testing::WithParamInterface<BodyCase> {};

TEST_P(UnreadBodyTest, EndsTheConnectionBehindTheReply) {
  Start();
  Client client(Port());
  client.Send("POST /1 HTTP/1.1\r\nHost: x\r\n" + GetParam().fields + "\r\n" + GetParam().body);
  const std::string reply = client.ReadToEnd();
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 OK\r\n")) << reply;
  EXPECT_TRUE(reply.ends_with("\r\n\r\nPOST /1\n")) << reply;
  EXPECT_NE(reply.find("Connection: close"), std::string::npos) << reply;
  EXPECT_EQ(answered_, 1);
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, UnreadBodyTest,
    ::testing::Values(BodyCase{"Chunked", "Transfer-Encoding: chunked\r\n",
                               "5\r\nhello\r\n0\r\n\r\n" + std::string(kGet)},
                      BodyCase{"TooLarge", "Content-Length: 100000\r\n", std::string(100'000, 'b')},
                      BodyCase{"Expected", "Expect: 100-continue\r\nContent-Length: 5\r\n", ""}),
    [](const auto& instance) { return instance.param.name; });

TEST_F(HttpServerTest, CutsARequestThatIsNotCompleteInTime) {
  Start({.request = milliseconds(200)});
  Client client(Port());
  client.Send("GET / HTTP/1.1\r\nHo");
  EXPECT_TRUE(client.ReadToEnd().starts_with("HTTP/1.1 408 Request Timeout\r\n"));
}

TEST_F(HttpServerTest, CutsARequestThatDrips) {
  Start({.request = milliseconds(300)});
  Client client(Port());
  std::jthread drip([&client](const std::stop_token& stop) {
    client.Send("GET / HTTP/1.1\r\nHost: x\r\n");
    while (!stop.stop_requested() && client.Send("A: b\r\n")) {
      std::this_thread::yield();
    }
  });
  const std::string reply = client.ReadToEnd();
  drip.request_stop();
  // Whichever comes first: the time, or the number of fields.
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 408") || reply.starts_with("HTTP/1.1 431")) << reply;
}

TEST_F(HttpServerTest, CutsWhoSaysNothing) {
  Start({.request = milliseconds(200)});
  EXPECT_EQ(Client(Port()).ReadToEnd(), "");
}

TEST_F(HttpServerTest, EndsAConnectionThatIsIdle) {
  Start({.idle = milliseconds(200)});
  Client client(Port());
  client.Send(kGet);
  const std::string reply = client.ReadToEnd();
  EXPECT_TRUE(reply.ends_with("GET /metrics\n")) << reply;
}

TEST_F(HttpServerTest, CutsWhoDoesNotTakeItsReply) {
  Start({.reply = milliseconds(300)});
  Client client(Port(), 4096);
  client.Send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  client.ReadUntil("\r\n\r\n");
  server_.reset();
  EXPECT_EQ(answered_, 1);
  EXPECT_EQ(served_, 0);
}

TEST_F(HttpServerTest, SendsOneWhoWaitsAwayForWhoComes) {
  Start({.connections = 3});
  std::vector<std::unique_ptr<Client>> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.push_back(std::make_unique<Client>(Port()));
    waiting.back()->Send(kGet);
    waiting.back()->ReadUntil("GET /metrics\n");
  }
  const auto is_answered = [](Client& client) {
    return client.Send(kLastGet) && client.ReadToEnd().ends_with("GET /\n");
  };
  const auto comes = [&] {
    Client fourth(Port());
    return is_answered(fourth);
  };
  // Who has its reply waits a moment later, and until then nobody can be sent away.
  const auto deadline = std::chrono::steady_clock::now() + seconds(30);
  bool came = comes();
  while (!came && std::chrono::steady_clock::now() < deadline) {
    came = comes();
  }
  EXPECT_TRUE(came);
  EXPECT_EQ(std::ranges::count_if(waiting, [&](auto& client) { return is_answered(*client); }), 2);
}

class BusyServerTest : public HttpServerTest {
 protected:
  Reply Answer(const Request& request) override {
    if (request.path == "/busy") {
      busy_.set_value();
      go_on_.get_future().wait();
    }
    return HttpServerTest::Answer(request);
  }

  std::promise<void> busy_;
  std::promise<void> go_on_;
};

TEST_F(BusyServerTest, KeepsWhoIsBeingAnswered) {
  Start({.connections = 1});
  Client first(Port());
  first.Send("GET /busy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  busy_.get_future().wait();
  Client second(Port());
  second.Send(kGet);
  EXPECT_EQ(second.ReadToEnd(), "");
  go_on_.set_value();
  EXPECT_TRUE(first.ReadToEnd().ends_with("GET /busy\n"));
}

TEST_F(HttpServerTest, AnswersWhileOthersDripAndReadSlowly) {
  Start();
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(std::make_unique<Client>(Port()));
    slow.back()->Send("GET /metrics HTTP/1.1\r\nHost: ");
  }
  for (int i = 0; i < 50; ++i) {
    slow.push_back(std::make_unique<Client>(Port(), 4096));
    slow.back()->Send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    slow.back()->ReadUntil("\r\n\r\n");
  }
  for (int i = 0; i < 20; ++i) {
    Client scrape(Port());
    scrape.Send(kLastGet);
    EXPECT_TRUE(scrape.ReadToEnd().ends_with("GET /\n"));
  }
}

TEST_F(HttpServerTest, OutlivesMoreConnectionsThanItHolds) {
  Start({.connections = 8});
  std::vector<std::unique_ptr<Client>> crowd;
  for (int i = 0; i < 300; ++i) {
    crowd.push_back(std::make_unique<Client>(Port()));
    crowd.back()->Send("G");
  }
  // A crowd that is being sent away may hide a newcomer for a moment; one of these is heard.
  std::string reply;
  for (int tries = 0; tries < 100 && !reply.ends_with("GET /\n"); ++tries) {
    Client scrape(Port());
    scrape.Send(kLastGet);
    reply = scrape.ReadToEnd();
  }
  EXPECT_TRUE(reply.ends_with("GET /\n")) << reply;
}

class ThrowingServerTest : public HttpServerTest {
 protected:
  Reply Answer(const Request& /*request*/) override { throw std::runtime_error("broken"); }
};

TEST_F(ThrowingServerTest, AnswersWith500AndGoesOn) {
  Start();
  Client client(Port());
  client.Send(kGet);
  EXPECT_TRUE(client.ReadUntil("internal error\n").starts_with("HTTP/1.1 500 "));
  client.Send(kLastGet);
  EXPECT_TRUE(client.ReadToEnd().starts_with("HTTP/1.1 500 "));
}

}  // namespace
}  // namespace acronis::exporter::http
