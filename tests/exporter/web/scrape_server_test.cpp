#include "exporter/web/scrape_server.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <gtest/gtest.h>

#include "exporter/web/listener.h"
#include "tests/exporter/web/http_client.h"

namespace acronis::exporter {
namespace {

using std::chrono::seconds;

/// Counts how often a scrape was reported as served.
class ServedCounter {
 public:
  void Add() {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  bool WaitFor(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, seconds(20), [&] { return count_ >= count; });
  }
  int Count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

class ScrapeServerTest : public ::testing::Test {
 protected:
  ScrapeHooks Hooks() {
    return {[this](const ScrapeRequest&) {
              if (fail_) {
                throw std::runtime_error("broken");
              }
              return ScrapeReply{body_, [this] { served_.Add(); }};
            },
            [this] { return ready_.load(); },
            [] {
              return std::vector<AccountStatus>{{"emea", true, std::nullopt}};
            }};
  }
  void Start(std::vector<std::string> addresses = {"127.0.0.1:0"}) {
    ScrapeServerOptions options;
    options.listen_addresses = std::move(addresses);
    options.version = "1.2.3";
    server_ = std::make_unique<ScrapeServer>(options, Hooks());
  }
  std::uint16_t Port() const { return server_->Ports().at(0); }

  std::string body_ = "up 1\n";
  std::atomic<bool> ready_ = false;
  std::atomic<bool> fail_ = false;
  ServedCounter served_;
  std::unique_ptr<ScrapeServer> server_;
};

TEST_F(ScrapeServerTest, ServesThePageOnTheTelemetryPath) {
  Start();
  const ClientReply reply = Ask(Port(), "/metrics");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "up 1\n");
  EXPECT_EQ(reply.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(reply.content_length, "5");
}

TEST_F(ScrapeServerTest, PassesOnWhatIsAskedForAndSaysWhatIsSent) {
  ScrapeHooks hooks = Hooks();
  ScrapeRequest asked;
  hooks.metrics = [&](const ScrapeRequest& request) {
    asked = request;
    ScrapeReply reply{.body = {}, .served = {}, .content_type = "a/b", .content_encoding = "gzip"};
    reply.body.Add("one ");
    reply.body.Add("two");
    return reply;
  };
  ScrapeServerOptions options;
  options.listen_addresses = {"127.0.0.1:0"};
  const ScrapeServer server(options, hooks);
  const std::string reply =
      SendRaw(server.Ports().at(0),
              "GET /metrics?name[]=up&name%5B%5D=a%20b HTTP/1.1\r\nHost: x\r\n"
              "Accept: a/b\r\naccept: c/d\r\nAccept-Encoding: gzip\r\n"
              "Connection: close\r\n\r\n");
  EXPECT_EQ(asked.accept, "a/b, c/d");
  EXPECT_EQ(asked.accept_encoding, "gzip");
  EXPECT_EQ(asked.names, (std::vector<std::string>{"up", "a b"}));
  for (const std::string header : {"Content-Type: a/b", "Content-Encoding: gzip",
                                   "Vary: Accept, Accept-Encoding", "Content-Length: 7"}) {
    EXPECT_NE(reply.find("\r\n" + header + "\r\n"), std::string::npos) << reply;
  }
  EXPECT_TRUE(reply.ends_with("\r\n\r\none two"));
}

TEST_F(ScrapeServerTest, ServesAPageOfManyMegabytesWhole) {
  body_ = std::string(20'000'000, 'x') + "\n";
  Start();
  EXPECT_EQ(Ask(Port(), "/metrics").body, body_);
  EXPECT_TRUE(served_.WaitFor(1));
}

TEST_F(ScrapeServerTest, UsesTheConfiguredTelemetryPath) {
  ScrapeServerOptions options;
  options.listen_addresses = {"127.0.0.1:0"};
  options.telemetry_path = "/probe/all";
  const ScrapeServer server(options, Hooks());
  EXPECT_EQ(Ask(server.Ports().at(0), "/probe/all").status, 200);
  EXPECT_EQ(Ask(server.Ports().at(0), "/metrics").status, 404);
}

struct PathCase {
  std::string name;
  std::string path;
  int status;
};
class PathTest : public ScrapeServerTest, public ::testing::WithParamInterface<PathCase> {};

TEST_P(PathTest, IsMatchedExactly) {
  Start();
  ready_ = true;
  EXPECT_EQ(Ask(Port(), GetParam().path).status, GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(
    Paths, PathTest,
    ::testing::Values(PathCase{"Landing", "/", 200}, PathCase{"Healthy", "/-/healthy", 200},
                      PathCase{"Ready", "/-/ready", 200}, PathCase{"Metrics", "/metrics", 200},
                      PathCase{"WithQuery", "/metrics?name=x", 200},
                      PathCase{"Longer", "/metricsfoo", 404}, PathCase{"Below", "/metrics/", 404},
                      PathCase{"DoubleSlash", "//metrics", 404},
                      PathCase{"OtherCase", "/Metrics", 404},
                      PathCase{"DotDot", "/-/../metrics", 404},
                      PathCase{"Unknown", "/favicon.ico", 404}, PathCase{"Dash", "/-/", 404}),
    [](const auto& instance) { return instance.param.name; });

class MethodTest : public ScrapeServerTest, public ::testing::WithParamInterface<std::string> {};

TEST_P(MethodTest, IsRefusedWithTheAllowedOnes) {
  Start();
  for (const std::string path : {"/metrics", "/", "/-/healthy", "/-/ready"}) {
    const ClientReply reply = Ask(Port(), path, GetParam());
    EXPECT_EQ(reply.status, 405) << path;
    EXPECT_EQ(reply.allow, "GET, HEAD") << path;
  }
  EXPECT_EQ(served_.Count(), 0);
}

INSTANTIATE_TEST_SUITE_P(Methods, MethodTest,
                         ::testing::Values("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"),
                         [](const auto& instance) { return instance.param; });

TEST_F(ScrapeServerTest, AnswersHeadWithTheLengthAndWithoutABody) {
  Start();
  const std::string reply =
      SendRaw(Port(), "HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 OK\r\n")) << reply;
  EXPECT_NE(reply.find("Content-Length: 5\r\n"), std::string::npos) << reply;
  EXPECT_TRUE(reply.ends_with("\r\n\r\n")) << reply;
}

TEST_F(ScrapeServerTest, ReportsAScrapeAsServed) {
  Start();
  Ask(Port(), "/metrics");
  EXPECT_TRUE(served_.WaitFor(1));
  Ask(Port(), "/metrics");
  EXPECT_TRUE(served_.WaitFor(2));
  server_.reset();
  EXPECT_EQ(served_.Count(), 2);
}

TEST_F(ScrapeServerTest, DoesNotReportWhatIsNotAScrape) {
  Start();
  Ask(Port(), "/metrics", "HEAD");
  Ask(Port(), "/");
  Ask(Port(), "/nothing");
  server_.reset();
  EXPECT_EQ(served_.Count(), 0);
}

TEST_F(ScrapeServerTest, DoesNotReportAScrapeWhoseClientWentAway) {
  body_ = std::string(50'000'000, 'x');
  Start();
  {
    Poco::Net::StreamSocket client(Poco::Net::SocketAddress("127.0.0.1", Port()));
    client.setReceiveTimeout(Poco::Timespan(20, 0));
    client.setLinger(true, 0);
    const std::string request = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
    client.sendBytes(request.data(), static_cast<int>(request.size()));
    char first = 0;
    ASSERT_EQ(client.receiveBytes(&first, 1), 1);  // The reply is on its way.
  }
  server_.reset();
  EXPECT_EQ(served_.Count(), 0);
}

TEST_F(ScrapeServerTest, AnswersAFailureInsideWith500AndLivesOn) {
  Start();
  fail_ = true;
  EXPECT_EQ(Ask(Port(), "/metrics").status, 500);
  fail_ = false;
  EXPECT_EQ(Ask(Port(), "/metrics").status, 200);
  EXPECT_TRUE(served_.WaitFor(1));
  EXPECT_EQ(served_.Count(), 1);
}

TEST_F(ScrapeServerTest, RefusesMoreScrapesAtOnceThanAreAllowed) {
  std::promise<void> busy;
  std::promise<void> go_on;
  ScrapeHooks hooks = Hooks();
  hooks.metrics = [&](const ScrapeRequest&) {
    busy.set_value();
    go_on.get_future().wait();
    return ScrapeReply{body_};
  };
  ScrapeServerOptions options;
  options.listen_addresses = {"127.0.0.1:0"};
  options.max_requests = 1;
  const ScrapeServer server(options, std::move(hooks));
  const std::uint16_t port = server.Ports().at(0);
  auto first = std::async(std::launch::async, [port] { return Ask(port, "/metrics"); });
  busy.get_future().wait();
  const ClientReply second = Ask(port, "/metrics");
  EXPECT_EQ(second.status, 503);
  EXPECT_NE(second.body.find("(1)"), std::string::npos) << second.body;
  EXPECT_EQ(Ask(port, "/-/healthy").status, 200);
  go_on.set_value();
  EXPECT_EQ(first.get().status, 200);
}

TEST_F(ScrapeServerTest, IsHealthyBeforeItIsReady) {
  Start();
  EXPECT_EQ(Ask(Port(), "/-/healthy").status, 200);
  EXPECT_EQ(Ask(Port(), "/-/ready").status, 503);
  ready_ = true;
  EXPECT_EQ(Ask(Port(), "/-/ready").status, 200);
}

TEST_F(ScrapeServerTest, ShowsTheLandingPage) {
  Start();
  const ClientReply reply = Ask(Port(), "/");
  EXPECT_EQ(reply.content_type, "text/html; charset=utf-8");
  EXPECT_NE(reply.body.find("1.2.3"), std::string::npos);
  EXPECT_NE(reply.body.find("<a href=\"/metrics\">"), std::string::npos);
  EXPECT_NE(reply.body.find("emea"), std::string::npos);
}

TEST_F(ScrapeServerTest, KeepsAConnectionForSeveralScrapes) {
  Start();
  const std::string get = "GET /metrics HTTP/1.1\r\nHost: x\r\n";
  const std::string replies = SendRaw(Port(), get + "\r\n" + get + "Connection: close\r\n\r\n");
  const std::size_t first = replies.find("HTTP/1.1 200 OK");
  EXPECT_NE(first, std::string::npos);
  EXPECT_NE(replies.find("HTTP/1.1 200 OK", first + 1), std::string::npos);
}

TEST_F(ScrapeServerTest, DoesNotTakeABodyForTheNextRequest) {
  Start();
  const std::string inner = "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string replies =
      SendRaw(Port(), "GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                          std::to_string(inner.size()) + "\r\nConnection: close\r\n\r\n" + inner);
  EXPECT_EQ(replies.find("Healthy"), std::string::npos) << replies;
}

TEST_F(ScrapeServerTest, AnswersManyAtTheSameTime) {
  Start();
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 8; ++i) {
      clients.emplace_back([&] {
        for (int n = 0; n < 10; ++n) {
          good += Ask(Port(), "/metrics").body == body_ ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(good, 80);
  EXPECT_TRUE(served_.WaitFor(80));
}

std::string ListenFailure(const std::vector<std::string>& addresses) {
  ScrapeServerOptions options;
  options.listen_addresses = addresses;
  try {
    const ScrapeServer server(options, {});
  } catch (const ListenError& error) {
    return error.what();
  }
  return "it listens";
}

TEST(Listen, LetsABurstOfConnectionsWait) {
  constexpr int kBurst = 500;
  const Poco::Net::ServerSocket listener = Listen("127.0.0.1:0");
  std::vector<Poco::Net::StreamSocket> clients(kBurst);
  for (Poco::Net::StreamSocket& client : clients) {
    // Not as long as it takes to try a second time.
    ASSERT_NO_THROW(client.connect(listener.address(), Poco::Timespan(0, 900'000)));
  }
}

TEST_F(ScrapeServerTest, RefusesAPortInUse) {
  Start();
  const std::string address = "127.0.0.1:" + std::to_string(Port());
  EXPECT_EQ(ListenFailure({address}), "cannot listen on " + address + ": address already in use");
}

TEST_F(ScrapeServerTest, RefusesEveryInterfaceOnAPortInUse) {
  Start({":0"});
  const std::string address = ":" + std::to_string(Port());
  EXPECT_EQ(ListenFailure({address}), "cannot listen on " + address + ": address already in use");
}

TEST_F(ScrapeServerTest, ListensOnEveryAddressOrNone) {
  Start();
  const std::string taken = "127.0.0.1:" + std::to_string(Port());
  std::string free;
  {
    ScrapeServerOptions options;
    options.listen_addresses = {"127.0.0.1:0"};
    free = ScrapeServer(options, {}).Addresses().at(0);
  }
  EXPECT_EQ(ListenFailure({free, taken}), "cannot listen on " + taken + ": address already in use");
  EXPECT_EQ(ListenFailure({free}), "it listens");
}

TEST_F(ScrapeServerTest, RefusesAnAddressThatIsNotOurs) {
  EXPECT_EQ(ListenFailure({"203.0.113.7:0"}),
            "cannot listen on 203.0.113.7:0: cannot assign requested address");
}

struct AddressCase {
  std::string name;
  std::string address;
};
class BadAddressTest : public ::testing::TestWithParam<AddressCase> {};

TEST_P(BadAddressTest, IsRefusedWithWhatIsExpected) {
  EXPECT_EQ(ListenFailure({GetParam().address}), "cannot listen on " + GetParam().address +
                                                     ": expected host:port, [ipv6]:port or :port");
}

INSTANTIATE_TEST_SUITE_P(
    Addresses, BadAddressTest,
    ::testing::Values(AddressCase{"Empty", ""}, AddressCase{"PortAlone", "10977"},
                      AddressCase{"HostAlone", "localhost"}, AddressCase{"NoPort", "127.0.0.1:"},
                      AddressCase{"PortTooLarge", ":65536"}, AddressCase{"PortName", ":http"},
                      AddressCase{"NegativePort", ":-1"}, AddressCase{"BareIpv6", "::1:9100"},
                      AddressCase{"NoPortIpv6", "[::1]"}, AddressCase{"OpenBracket", "[::1:9100"},
                      AddressCase{"BracketedName", "[localhost]:9100"}),
    [](const auto& instance) { return instance.param.name; });

TEST_F(ScrapeServerTest, ListensOnSeveralAddresses) {
  Start({"127.0.0.1:0", "localhost:0"});
  ASSERT_EQ(server_->Ports().size(), 2U);
  EXPECT_EQ(Ask(server_->Ports().at(0), "/metrics").status, 200);
  EXPECT_EQ(Ask(server_->Ports().at(1), "/metrics", "GET", "localhost").status, 200);
}

bool HasIpv6() {
  try {
    Poco::Net::ServerSocket socket;
    socket.bind6(Poco::Net::SocketAddress("::1", 0), true, false, true);
    return true;
  } catch (const Poco::Exception&) {
    return false;
  }
}

TEST_F(ScrapeServerTest, ListensOnIpv6) {
  if (!HasIpv6()) {
    GTEST_SKIP() << "no IPv6 on this machine";
  }
  Start({"[::1]:0"});
  EXPECT_EQ(Ask(Port(), "/metrics", "GET", "::1").status, 200);
  EXPECT_EQ(server_->Addresses().at(0), "[::1]:" + std::to_string(Port()));
}

TEST_F(ScrapeServerTest, ListensOnEveryInterfaceWithoutAHost) {
  Start({":0"});
  EXPECT_EQ(Ask(Port(), "/metrics").status, 200);
  if (HasIpv6()) {
    EXPECT_EQ(Ask(Port(), "/metrics", "GET", "::1").status, 200);
  }
}

/// Far above what it takes, far below the 5 and 10 s for which the server waits for clients.
constexpr seconds kQuick(3);

seconds TimeToStop(std::unique_ptr<ScrapeServer>& server) {
  const auto begin = std::chrono::steady_clock::now();
  server.reset();
  return std::chrono::duration_cast<seconds>(std::chrono::steady_clock::now() - begin);
}

Poco::Net::StreamSocket Connect(std::uint16_t port, const std::string& bytes) {
  Poco::Net::StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", port));
  socket.setReceiveTimeout(Poco::Timespan(20, 0));
  socket.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
  return socket;
}

TEST_F(ScrapeServerTest, StopsAtOnceWithoutConnections) {
  Start({"127.0.0.1:0", "127.0.0.1:0", ":0"});
  EXPECT_LT(TimeToStop(server_), kQuick);
}

TEST_F(ScrapeServerTest, StopsAtOnceWithIdleAndHalfSentConnections) {
  Start();
  std::vector<Poco::Net::StreamSocket> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(Connect(Port(), "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"));
    char first = 0;
    ASSERT_EQ(clients.back().receiveBytes(&first, 1), 1);  // Kept alive from now on.
    clients.push_back(Connect(Port(), "GET /met"));
    clients.push_back(Connect(Port(), ""));
  }
  EXPECT_LT(TimeToStop(server_), kQuick);
}

TEST_F(ScrapeServerTest, StopsAtOnceWithAClientThatDoesNotRead) {
  body_ = std::string(50'000'000, 'x');
  Start();
  Poco::Net::StreamSocket client = Connect(Port(), "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  char first = 0;
  ASSERT_EQ(client.receiveBytes(&first, 1), 1);
  EXPECT_LT(TimeToStop(server_), kQuick);
  EXPECT_EQ(served_.Count(), 0);
}

}  // namespace
}  // namespace acronis::exporter
