#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <string>

#include <Poco/Net/ServerSocket.h>
#include <gtest/gtest.h>

#include "plugin/api/poco_transport.h"
#include "plugin/api/server_address.h"
#include "plugin/api/tls_context.h"
#include "plugin/core/free_with.h"
#include "tests/fakes/test_pki.h"
#include "tests/fakes/wire_server.h"

namespace acronis::api {
namespace {

using fakes::Answer;
using fakes::TestPki;
using fakes::Wire;
using fakes::WireServer;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kSoon{20};

class TlsTest : public ::testing::Test {
 protected:
  TransportOptions OptionsFor(const std::string& url) const {
    TransportOptions options;
    options.base_url = url;
    options.ca_file = pki_.CaFile();
    options.user_agent = "test/1";
    return options;
  }

  static Result<HttpResponse> Fetch(TransportOptions options) {
    auto made = MakePocoTransport(std::move(options));
    if (!made) {
      return made.error();
    }
    return (*made)->Send(HttpRequest{"GET", "/x", {}, ""}, {});
  }

  static void ExpectRefused(const Result<HttpResponse>& response, const std::string& says) {
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().kind, ErrorKind::kTls) << response.error().message;
    EXPECT_NE(response.error().message.find(says), std::string::npos) << response.error().message;
  }

  static WireServer::Script Always() {
    return [](Wire& wire, int) {
      while (!wire.ReadRequest().empty() && wire.Send(Answer(std::string(100'000, 'x')))) {
      }
    };
  }

  TestPki pki_;
};

TEST_F(TlsTest, TrustsTheCaFileAndKeepsTheConnection) {
  WireServer server(Always(), pki_.ServerContext());
  auto transport = MakePocoTransport(OptionsFor(server.Url("localhost")));
  ASSERT_TRUE(transport) << transport.error().message;
  for (int i = 0; i < 3; ++i) {
    const auto response = (*transport)->Send(HttpRequest{"GET", "/x", {}, ""}, {});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body.size(), 100'000U);
  }
  EXPECT_EQ(server.Connections(), 1);
}

TEST_F(TlsTest, AcceptsAnAddressThatTheCertificateNames) {
  WireServer server(Always(), pki_.ServerContext());
  const auto response = Fetch(OptionsFor(server.Url("127.0.0.1")));
  EXPECT_TRUE(response) << response.error().message;
}

TEST_F(TlsTest, RefusesAnUnknownAuthority) {
  WireServer server(Always(), pki_.ServerContext());
  auto options = OptionsFor(server.Url("localhost"));
  options.ca_file.clear();
  ExpectRefused(Fetch(std::move(options)), "certificate refused: ");
}

TEST_F(TlsTest, RefusesACertificateThatSignedItself) {
  WireServer server(Always(), pki_.ServerContext({.signed_by_ca = false}));
  ExpectRefused(Fetch(OptionsFor(server.Url("localhost"))), "self");
}

TEST_F(TlsTest, RefusesAnotherHostsCertificate) {
  WireServer server(Always(), pki_.ServerContext({.dns_name = "elsewhere.example"}));
  ExpectRefused(Fetch(OptionsFor(server.Url("localhost"))), "not for this host");
}

TEST_F(TlsTest, SendsNothingToAnotherHost) {
  WireServer server(
      [&server](Wire& wire, int) { server.Note(wire.ReadRequest().empty() ? "nothing" : "leak"); },
      pki_.ServerContext({.dns_name = "elsewhere.example"}));
  EXPECT_FALSE(Fetch(OptionsFor(server.Url("localhost"))));
  EXPECT_TRUE(server.WaitFor("nothing"));
}

TEST_F(TlsTest, RefusesAnExpiredCertificate) {
  WireServer server(Always(),
                    pki_.ServerContext({.valid_from_seconds = -7200, .valid_to_seconds = -3600}));
  ExpectRefused(Fetch(OptionsFor(server.Url("localhost"))), "expired");
}

TEST_F(TlsTest, RefusesACertificateThatIsNotYetValid) {
  WireServer server(Always(),
                    pki_.ServerContext({.valid_from_seconds = 3600, .valid_to_seconds = 7200}));
  ExpectRefused(Fetch(OptionsFor(server.Url("localhost"))), "not yet valid");
}

TEST_F(TlsTest, RefusesTlsOlderThanOneTwo) {
  const auto context = pki_.ServerContext();
  SSL_CTX_set_security_level(context->sslContext(), 0);
  SSL_CTX_set_min_proto_version(context->sslContext(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context->sslContext(), TLS1_1_VERSION);
  WireServer server(Always(), context);
  ExpectRefused(Fetch(OptionsFor(server.Url("localhost"))), "TLS with localhost");
}

TEST_F(TlsTest, SpeaksTlsOneTwo) {
  const auto context = pki_.ServerContext();
  SSL_CTX_set_max_proto_version(context->sslContext(), TLS1_2_VERSION);
  WireServer server(Always(), context);
  const auto response = Fetch(OptionsFor(server.Url("localhost")));
  EXPECT_TRUE(response) << response.error().message;
}

TEST_F(TlsTest, RefusesPlainHttpOnATlsPort) {
  WireServer server([](Wire& wire, int) {
    wire.Send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    wire.WaitUntilGone();
  });
  ExpectRefused(Fetch(OptionsFor("https://localhost:" + std::to_string(server.Port()))),
                "TLS with localhost");
}

TEST_F(TlsTest, ReportsACloseDuringTheHandshake) {
  WireServer server([](Wire&, int) {});
  const auto response = Fetch(OptionsFor("https://localhost:" + std::to_string(server.Port())));
  ASSERT_FALSE(response);
  EXPECT_TRUE(response.error().kind == ErrorKind::kTls ||
              response.error().kind == ErrorKind::kNetwork);
}

TEST_F(TlsTest, GivesUpAHandshakeThatIsNeverAnswered) {
  WireServer server([](Wire& wire, int) { wire.WaitUntilGone(); });
  auto options = OptionsFor("https://localhost:" + std::to_string(server.Port()));
  options.connect_timeout = milliseconds(300);
  const auto response = Fetch(std::move(options));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::kTimeout) << response.error().message;
}

TEST_F(TlsTest, LeavesAHandshakeWhenAskedToStop) {
  WireServer server([](Wire& wire, int) { wire.WaitUntilGone(); });
  auto made = MakePocoTransport(OptionsFor("https://localhost:" + std::to_string(server.Port())));
  ASSERT_TRUE(made);
  std::stop_source stop;
  auto response = std::async(std::launch::async, [&] {
    return (*made)->Send(HttpRequest{"GET", "/x", {}, ""}, stop.get_token());
  });
  ASSERT_EQ(response.wait_for(milliseconds(200)), std::future_status::timeout);
  stop.request_stop();
  ASSERT_EQ(response.wait_for(kSoon), std::future_status::ready);
  EXPECT_EQ(response.get().error().kind, ErrorKind::kCancelled);
}

TEST_F(TlsTest, LeavesABodyWhenAskedToStop) {
  WireServer server(
      [](Wire& wire, int) {
        wire.ReadRequest();
        wire.Send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
        wire.WaitUntilGone();
      },
      pki_.ServerContext());
  auto made = MakePocoTransport(OptionsFor(server.Url("localhost")));
  ASSERT_TRUE(made);
  std::stop_source stop;
  auto response = std::async(std::launch::async, [&] {
    return (*made)->Send(HttpRequest{"GET", "/x", {}, ""}, stop.get_token());
  });
  ASSERT_EQ(response.wait_for(milliseconds(300)), std::future_status::timeout);
  stop.request_stop();
  ASSERT_EQ(response.wait_for(kSoon), std::future_status::ready);
  EXPECT_EQ(response.get().error().kind, ErrorKind::kCancelled);
}

TEST_F(TlsTest, CutsADrippingServerAtTheDeadline) {
  WireServer server(
      [](Wire& wire, int) {
        wire.ReadRequest();
        wire.Send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
        while (!wire.WaitUntilGone(milliseconds(20)) && wire.Send("x")) {
        }
      },
      pki_.ServerContext());
  auto options = OptionsFor(server.Url("localhost"));
  options.request_timeout = milliseconds(700);
  const auto response = Fetch(std::move(options));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::kTimeout) << response.error().message;
}

TEST_F(TlsTest, RefusesABodyThatIsCut) {
  WireServer server(
      [](Wire& wire, int) {
        wire.ReadRequest();
        wire.Send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
        wire.Cut();
      },
      pki_.ServerContext());
  const auto response = Fetch(OptionsFor(server.Url("localhost")));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::kInvalidResponse) << response.error().message;
  EXPECT_NE(response.error().message.find("3 of 100"), std::string::npos);
}

TEST_F(TlsTest, RepeatsOnceWhenAKeptConnectionDies) {
  WireServer server(
      [](Wire& wire, int number) {
        wire.ReadRequest();
        wire.Send(Answer("a"));
        if (number == 1) {
          wire.ReadRequest();
          wire.Cut();
          return;
        }
        wire.WaitUntilGone();
      },
      pki_.ServerContext());
  int retries = 0;
  auto options = OptionsFor(server.Url("localhost"));
  options.on_retry = [&] { ++retries; };
  auto made = MakePocoTransport(std::move(options));
  ASSERT_TRUE(made);
  ASSERT_TRUE((*made)->Send(HttpRequest{"GET", "/1", {}, ""}, {}));
  const auto response = (*made)->Send(HttpRequest{"GET", "/2", {}, ""}, {});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(retries, 1);
}

TEST_F(TlsTest, SharesOneContextPerCaFile) {
  const auto first = SharedTlsContext(pki_.CaFile());
  const auto second = SharedTlsContext(pki_.CaFile());
  const auto other = SharedTlsContext("");
  ASSERT_TRUE(first && second && other);
  EXPECT_EQ(first->get(), second->get());
  EXPECT_NE(first->get(), other->get());
}

TEST_F(TlsTest, NamesACaFileThatCannotBeUsed) {
  const auto missing = SharedTlsContext(pki_.Directory() / "missing.pem");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_NE(missing.error().message.find("missing.pem"), std::string::npos);
  std::ofstream(pki_.Directory() / "empty.pem") << "no certificate\n";
  const auto empty = SharedTlsContext(pki_.Directory() / "empty.pem");
  ASSERT_FALSE(empty);
  EXPECT_NE(empty.error().message.find("empty.pem"), std::string::npos);
}

/// The same key behind a passphrase.
std::string WithPassphrase(const std::string& pem) {
  using Bio = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
  using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
  const Bio in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const Key key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  const Bio out(BIO_new(BIO_s_mem()));
  EXPECT_EQ(PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), EVP_aes_256_cbc(), "s3cret", 6,
                                          nullptr, nullptr),
            1);
  const char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

class IdentityTest : public TlsTest {
 protected:
  std::filesystem::path Write(const std::string& name, const std::string& text) const {
    const auto path = pki_.Directory() / name;
    std::ofstream(path) << text;
    return path;
  }

  /// What is said of the identity; empty when it can be used.
  std::string Said(const ClientIdentity& identity) const {
    const auto context = OwnTlsContext(pki_.CaFile(), identity);
    EXPECT_EQ(ERR_peek_error(), 0U) << "the next one to look would take it for its own";
    return context ? "" : context.error().message;
  }

  const fakes::PemPair pair_ = pki_.Issue();
  const std::filesystem::path cert_ = Write("client.pem", pair_.certificate);
  const std::filesystem::path key_ = Write("client-key.pem", pair_.key);
};

TEST_F(IdentityTest, HasAContextOfItsOwn) {
  EXPECT_EQ(Said({.cert_file = cert_, .key_file = key_}), "");
  EXPECT_NE(OwnTlsContext(pki_.CaFile(), {.cert_file = cert_, .key_file = key_})->get(),
            SharedTlsContext(pki_.CaFile())->get());
}

TEST_F(IdentityTest, NamesACertificateThatCannotBeUsed) {
  const std::string why = " holds no certificate in PEM form, or one with a key that is too weak";
  const auto missing = pki_.Directory() / "missing.pem";
  EXPECT_EQ(Said({.cert_file = missing, .key_file = key_}), "cert_file: " + missing.string() + why);
  EXPECT_EQ(Said({.cert_file = key_, .key_file = key_}), "cert_file: " + key_.string() + why);
  const auto weak = pki_.Issue({.key = "RSA-1024"});
  const auto weak_file = Write("weak.pem", weak.certificate);
  EXPECT_EQ(Said({.cert_file = weak_file, .key_file = Write("weak-key.pem", weak.key)}),
            "cert_file: " + weak_file.string() + why);
}

TEST_F(IdentityTest, NamesAKeyThatCannotBeUsed) {
  const auto refused = [&](const std::filesystem::path& key) {
    EXPECT_EQ(Said({.cert_file = cert_, .key_file = key}),
              "key_file: " + key.string() +
                  " holds no key in PEM form without a passphrase that belongs to the certificate");
  };
  refused(pki_.Directory() / "missing.pem");
  refused(cert_);
  refused(Write("other-key.pem", pki_.Issue().key));
  refused(Write("encrypted-key.pem", WithPassphrase(pair_.key)));
}

TEST_F(TlsTest, AsksAProxyToConnect) {
  WireServer server(Always(), pki_.ServerContext());
  WireServer proxy([&](Wire& wire, int) {
    proxy.Note(wire.ReadRequest());
    wire.Send("HTTP/1.1 200 Connection established\r\n\r\n");
    wire.RelayTo(server.Port());
  });
  auto options = OptionsFor(server.Url("localhost"));
  options.proxy_url = "http://user:p%40ss@127.0.0.1:" + std::to_string(proxy.Port());
  const auto response = Fetch(std::move(options));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body.size(), 100'000U);
  const std::string host = "localhost:" + std::to_string(server.Port());
  EXPECT_EQ(proxy.Notes().at(0), "CONNECT " + host + " HTTP/1.1\r\nHost: " + host +
                                     "\r\nProxy-Authorization: Basic dXNlcjpwQHNz\r\n\r\n");
}

TEST_F(TlsTest, ReportsAProxyThatRefuses) {
  WireServer proxy([](Wire& wire, int) {
    wire.ReadRequest();
    wire.Send(Answer("", "", "407 Proxy Authentication Required"));
  });
  auto options = OptionsFor("https://far.example");
  options.proxy_environment.https_proxy = "http://127.0.0.1:" + std::to_string(proxy.Port());
  const auto response = Fetch(std::move(options));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::kNetwork);
  EXPECT_NE(response.error().message.find("HTTP 407"), std::string::npos);
}

struct ProxyCase {
  std::string name;
  std::string base_url;
  std::string no_proxy;
  bool used;
};
class NoProxyTest : public ::testing::TestWithParam<ProxyCase> {};

TEST_P(NoProxyTest, DecidesByHost) {
  const auto server = ParseBaseUrl(GetParam().base_url);
  ASSERT_TRUE(server);
  const auto proxy = ChooseProxy("", {"http://proxy.example:8080", GetParam().no_proxy}, *server);
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->has_value(), GetParam().used);
}

INSTANTIATE_TEST_SUITE_P(
    Entries, NoProxyTest,
    ::testing::Values(ProxyCase{"Empty", "https://a.example", "", true},
                      ProxyCase{"All", "https://a.example", "*", false},
                      ProxyCase{"Host", "https://a.example", "b.example, A.example", false},
                      ProxyCase{"Domain", "https://x.a.example", "a.example", false},
                      ProxyCase{"DottedDomain", "https://x.a.example", ".a.example", false},
                      ProxyCase{"StarredDomain", "https://x.a.example", "*.a.example", false},
                      ProxyCase{"OtherEnding", "https://xa.example", "a.example", true},
                      ProxyCase{"Port", "https://a.example:8443", "a.example:8443", false},
                      ProxyCase{"OtherPort", "https://a.example", "a.example:8443", true},
                      ProxyCase{"Address", "https://192.0.2.1", "192.0.2.1", false},
                      ProxyCase{"Ipv6", "https://[2001:db8::1]", "2001:db8::1", false},
                      ProxyCase{"Loopback", "https://localhost", "", false},
                      ProxyCase{"PlainHttp", "http://localhost", "", false}),
    [](const auto& instance) { return instance.param.name; });

TEST(Proxy, OptionWinsOverTheEnvironment) {
  const auto server = ParseBaseUrl("https://a.example");
  const auto proxy = ChooseProxy("http://mine.example:1", {"http://other.example:2", "*"}, *server);
  ASSERT_TRUE(proxy && *proxy);
  EXPECT_EQ((*proxy)->server.HostPort(), "mine.example:1");
}

TEST(Proxy, NeverShowsItsPasswordInAnError) {
  const auto server = ParseBaseUrl("https://a.example");
  const auto proxy = ChooseProxy("https://user:hunter2@proxy.example", {}, *server);
  ASSERT_FALSE(proxy);
  EXPECT_NE(proxy.error().message.find("proxy_url"), std::string::npos);
  EXPECT_EQ(proxy.error().message.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace acronis::api
