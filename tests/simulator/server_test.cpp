#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/StreamCopier.h>

#include "plugin/simulator/simulator_server.h"
#include "tests/simulator/simulator_fixture.h"

namespace acronis::simulator {
namespace {

constexpr int kPatience = 20;  // Seconds.

/// A directory that goes away with the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = ::testing::TempDir() + "simulator-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& Path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class PlainServer : public SimulatorTest {
 protected:
  PlainServer() : server_(simulator_, {.tls = false}) {
    AddAt(-10);
    Token();
  }

  Poco::Net::StreamSocket Connect() {
    Poco::Net::StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", server_.Port()));
    socket.setReceiveTimeout(Poco::Timespan(kPatience, 0));
    return socket;
  }

  void SendRequest(Poco::Net::StreamSocket& socket) {
    const std::string text =
        "GET /api/task_manager/v2/tasks HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
        Token() + "\r\n\r\n";
    socket.sendBytes(text.data(), static_cast<int>(text.size()));
  }

  /// Everything up to the end of the connection or `limit` bytes; `reset` when it was reset.
  std::string ReadAll(Poco::Net::StreamSocket& socket, bool& reset, std::size_t limit = 1U << 26U) {
    std::string text;
    std::array<char, 65536> block{};
    reset = false;
    try {
      while (text.size() < limit) {
        const int count = socket.receiveBytes(block.data(), static_cast<int>(block.size()));
        if (count <= 0) {
          break;
        }
        text.append(block.data(), static_cast<std::size_t>(count));
      }
    } catch (const Poco::Exception&) {
      reset = true;
    }
    return text;
  }

  std::string Fetch(bool& reset, std::size_t limit = 1U << 26U) {
    Poco::Net::StreamSocket socket = Connect();
    SendRequest(socket);
    return ReadAll(socket, reset, limit);
  }

  SimulatorServer server_;
};

std::size_t AnnouncedLength(const std::string& answer) {
  const std::size_t at = answer.find("Content-Length: ");
  return at == std::string::npos ? 0 : std::stoul(answer.substr(at + 16));
}

std::string BodyOf(const std::string& answer) {
  const std::size_t at = answer.find("\r\n\r\n");
  return at == std::string::npos ? std::string() : answer.substr(at + 4);
}

TEST_F(PlainServer, ServesManyRequestsOnOneConnection) {
  Poco::Net::HTTPClientSession session("127.0.0.1", server_.Port());
  session.setKeepAlive(true);
  for (int n = 0; n < 5; ++n) {
    Poco::Net::HTTPRequest request("GET", "/api/task_manager/v2/tasks", "HTTP/1.1");
    request.set("Authorization", "Bearer " + Token());
    session.sendRequest(request);
    Poco::Net::HTTPResponse response;
    std::string body;
    Poco::StreamCopier::copyToString(session.receiveResponse(response), body);
    EXPECT_EQ(response.getStatus(), 200);
    EXPECT_EQ(response.getContentLength64(), static_cast<Poco::Int64>(body.size()));
  }
  EXPECT_EQ(server_.Connections(), 1U);
}

TEST_F(PlainServer, RefusesConnections) {
  Switch("refuse", "", 1);
  bool reset = false;
  Poco::Net::StreamSocket socket = Connect();
  EXPECT_EQ(ReadAll(socket, reset), "");
  EXPECT_TRUE(reset);
}

TEST_F(PlainServer, ResetsInsteadOfAnAnswer) {
  Switch("reset");
  bool reset = false;
  EXPECT_EQ(Fetch(reset), "");
  EXPECT_TRUE(reset);
}

TEST_F(PlainServer, CutsTheBody) {
  Switch("cut_body");
  bool reset = false;
  const std::string answer = Fetch(reset);
  EXPECT_LT(BodyOf(answer).size(), AnnouncedLength(answer));
  EXPECT_GT(BodyOf(answer).size(), 0U);
}

TEST_F(PlainServer, SendsBadChunks) {
  bool reset = false;
  Switch("bad_chunk", "", 1);
  const std::string answer = Fetch(reset);
  EXPECT_NE(answer.find("Transfer-Encoding: chunked"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("zz\r\n\r\n"));
  Switch("huge_chunk", "", 1);
  EXPECT_NE(Fetch(reset).find("fffffffffffffffff\r\n"), std::string::npos);
  Switch("cut_chunk", "", 1);
  EXPECT_FALSE(Fetch(reset).ends_with("0\r\n\r\n"));
}

TEST_F(PlainServer, AppendsGarbage) {
  Switch("trailing_garbage");
  bool reset = false;
  const std::string answer = Fetch(reset);
  EXPECT_GT(BodyOf(answer).size(), AnnouncedLength(answer));
}

TEST_F(PlainServer, ClosesIdleConnections) {
  Switch("idle_close");
  bool reset = false;
  const std::string answer = Fetch(reset);  // Ends only when the server closes.
  EXPECT_EQ(BodyOf(answer).size(), AnnouncedLength(answer));
  EXPECT_EQ(answer.find("Connection: close"), std::string::npos);
}

TEST_F(PlainServer, DripsTheBody) {
  Switch("drip", "1");
  bool reset = false;
  const auto started = std::chrono::steady_clock::now();
  const std::string answer = Fetch(reset);
  const std::size_t length = BodyOf(answer).size();
  EXPECT_EQ(length, AnnouncedLength(answer));
  EXPECT_GE(std::chrono::steady_clock::now() - started,
            std::chrono::milliseconds(static_cast<std::int64_t>(length)));
}

TEST_F(PlainServer, SendsSizesBeyondReason) {
  bool reset = false;
  Switch("many_headers", "5000", 1);
  const std::string headers = Fetch(reset);
  EXPECT_GE(std::count(headers.begin(), headers.end(), '\n'), 5000);
  Switch("huge_header", "300000", 1);
  EXPECT_GT(Fetch(reset).size(), 300'000U);
  Switch("huge_body", "3", 1);
  EXPECT_EQ(BodyOf(Fetch(reset)).size(), 3U << 20U);
  Switch("endless_header", "", 1);
  const std::string endless = Fetch(reset, 8U << 20U);
  EXPECT_EQ(BodyOf(endless), "");
  EXPECT_GE(endless.size(), 8U << 20U);
}

TEST_F(PlainServer, IgnoresNonsense) {
  Poco::Net::StreamSocket socket = Connect();
  const std::string nonsense(100'000, 'x');
  bool reset = false;
  try {
    socket.sendBytes(nonsense.data(), static_cast<int>(nonsense.size()));
    socket.shutdownSend();
  } catch (const Poco::Exception&) {
    reset = true;  // It hung up before we were done.
  }
  if (!reset) {
    ReadAll(socket, reset);
  }
  EXPECT_FALSE(Fetch(reset, 10).empty());
}

TEST_F(PlainServer, HangsUpOnAGreetingOfTls) {
  Poco::Net::StreamSocket socket = Connect();
  // With a space where a method might end.
  const std::string greeting("\x16\x03\x01 \x02\x00\x01", 7);
  socket.sendBytes(greeting.data(), static_cast<int>(greeting.size()));
  bool reset = false;
  EXPECT_EQ(ReadAll(socket, reset), "");
}

TEST_F(SimulatorTest, ServerStopsAtOnceWithOpenConnections) {
  auto server = std::make_unique<SimulatorServer>(simulator_, ServerOptions{.tls = false});
  Token();
  for (const char* const fault : {"hang", "stall", "latency", "drip"}) {
    simulator_.Faults().ClearAll();
    Switch(fault, "3600000", 1);
    Poco::Net::StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", server->Port()));
    const std::string text =
        "GET /api/task_manager/v2/tasks HTTP/1.1\r\nAuthorization: Bearer " + Token() + "\r\n\r\n";
    socket.sendBytes(text.data(), static_cast<int>(text.size()));
    const auto started = std::chrono::steady_clock::now();
    while (!simulator_.Faults().List().empty() &&
           std::chrono::steady_clock::now() - started < std::chrono::seconds(kPatience)) {
      std::this_thread::yield();
    }
    const auto stopping = std::chrono::steady_clock::now();
    server.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - stopping, std::chrono::seconds(10)) << fault;
    server = std::make_unique<SimulatorServer>(simulator_, ServerOptions{.tls = false});
  }
}

TEST_F(SimulatorTest, ServersDoNotShareAPort) {
  const SimulatorServer first(simulator_, {.tls = false});
  EXPECT_THROW(SimulatorServer(simulator_, {.port = first.Port(), .tls = false}),
               std::runtime_error);
}

class TlsServer : public SimulatorTest {
 protected:
  TlsServer() : server_(simulator_, {.directory = directory_.Path() / "tls"}) {}

  int FetchToken(const std::string& host, const std::string& ca) {
    Poco::Net::Context::Params parameters;
    parameters.caLocation = ca;
    parameters.verificationMode = Poco::Net::Context::VERIFY_STRICT;
    parameters.loadDefaultCAs = false;
    const Poco::Net::Context::Ptr context(
        new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, parameters));
    Poco::Net::HTTPSClientSession session(host, server_.Port(), context);
    Poco::Net::HTTPRequest request("POST", "/api/2/idp/token", "HTTP/1.1");
    const std::string form = "grant_type=client_credentials";
    request.set("Authorization", "Basic " + EncodeBase64("client:s3cret"));
    request.setContentType("application/x-www-form-urlencoded");
    request.setContentLength(static_cast<std::streamsize>(form.size()));
    session.sendRequest(request) << form;
    Poco::Net::HTTPResponse response;
    std::string body;
    Poco::StreamCopier::copyToString(session.receiveResponse(response), body);
    return response.getStatus();
  }

  TemporaryDirectory directory_;
  SimulatorServer server_;
};

TEST_F(TlsServer, IsTrustedThroughItsAuthority) {
  EXPECT_EQ(server_.BaseUrl(), "https://127.0.0.1:" + std::to_string(server_.Port()));
  EXPECT_EQ(FetchToken("127.0.0.1", server_.CaFile().string()), 200);
  EXPECT_EQ(FetchToken("localhost", server_.CaFile().string()), 200);
}

TEST_F(TlsServer, IsNotTrustedThroughAnother) {
  TemporaryDirectory other;
  const SimulatorServer stranger(simulator_, {.directory = other.Path()});
  EXPECT_THROW(FetchToken("127.0.0.1", stranger.CaFile().string()), Poco::Exception);
}

TEST_F(TlsServer, KeepsItsKeyToItsOwner) {
  struct stat status {};
  ASSERT_EQ(::stat((directory_.Path() / "tls" / "server.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(TlsServer, ResetsWithoutAGoodbye) {
  Switch("reset");
  EXPECT_THROW(FetchToken("127.0.0.1", server_.CaFile().string()), Poco::Exception);
  simulator_.Faults().ClearAll();
  EXPECT_EQ(FetchToken("127.0.0.1", server_.CaFile().string()), 200);
}

TEST_F(TlsServer, SurvivesClientsThatSpeakPlainHttp) {
  Poco::Net::HTTPClientSession session("127.0.0.1", server_.Port());
  Poco::Net::HTTPRequest request("GET", "/", "HTTP/1.1");
  EXPECT_THROW(
      {
        session.sendRequest(request);
        Poco::Net::HTTPResponse response;
        session.receiveResponse(response);
      },
      Poco::Exception);
  EXPECT_EQ(FetchToken("127.0.0.1", server_.CaFile().string()), 200);
}

}  // namespace
}  // namespace acronis::simulator
