#include "plugin/page_reader.h"

#include <chrono>
#include <fstream>
#include <future>
#include <openssl/ssl.h>
#include <stop_token>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/fakes/temporary_folder.h"
#include "tests/fakes/test_pki.h"
#include "tests/fakes/wire_server.h"

namespace acronis {
namespace {

using fakes::Answer;
using fakes::Wire;
using fakes::WireServer;

/// Answers everything with the same bytes and keeps the last request.
class Pages {
 public:
  explicit Pages(std::string answer, Poco::Net::Context::Ptr tls = nullptr)
      : server_(
            [this, answer = std::move(answer)](Wire& wire, int) {
              server_.Note(wire.ReadRequest());
              wire.Send(answer);
              wire.WaitUntilGone();
            },
            std::move(tls)) {}

  std::string Url(const std::string& host = "127.0.0.1") const { return server_.Url(host); }
  std::string Seen() const { return server_.Notes().empty() ? "" : server_.Notes().back(); }

 private:
  WireServer server_;
};

class PageReaderTest : public ::testing::Test {
 protected:
  PageRequest RequestFor(const std::string& url) const {
    PageRequest request;
    request.url = url;
    request.user_agent = "test/1";
    request.timeout = std::chrono::seconds(20);
    return request;
  }

  PageRequest WithPassword(const std::string& url, const std::string& password) const {
    PageRequest request = RequestFor(url);
    request.username = "prometheus";
    request.password_file = folder_.Path() / "password";
    std::ofstream(request.password_file) << password << '\n';
    return request;
  }

  static void WriteIdentity(const PageRequest& request, const fakes::PemPair& pair) {
    std::ofstream(request.cert_file) << pair.certificate;
    std::ofstream(request.key_file) << pair.key;
  }

  test::TemporaryFolder folder_;
};

TEST_F(PageReaderTest, ReadsThePageWithItsQuery) {
  const Pages pages(Answer("hello"));
  const auto page = ReadPage(RequestFor(pages.Url() + "/metrics?name%5B%5D=acronis_up"), {});
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(*page, "hello");
  EXPECT_TRUE(pages.Seen().starts_with("GET /metrics?name%5B%5D=acronis_up HTTP/1.1\r\n"))
      << pages.Seen();
  EXPECT_NE(pages.Seen().find("User-Agent: test/1\r\n"), std::string::npos);
  EXPECT_EQ(pages.Seen().find("Authorization"), std::string::npos);
}

TEST_F(PageReaderTest, SendsThePasswordOfTheFile) {
  const Pages pages(Answer("hello"));
  const auto page = ReadPage(WithPassword(pages.Url(), "s3cret"), {});
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_NE(pages.Seen().find("Authorization: Basic cHJvbWV0aGV1czpzM2NyZXQ=\r\n"),
            std::string::npos);
  EXPECT_TRUE(pages.Seen().starts_with("GET / HTTP/1.1\r\n"));
}

TEST_F(PageReaderTest, TrustsTheGivenAnchorsOnly) {
  const fakes::TestPki pki;
  const Pages pages(Answer("hello"), pki.ServerContext());
  PageRequest request = RequestFor(pages.Url("localhost"));
  const auto refused = ReadPage(request, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kTls);
  request.ca_file = pki.CaFile();
  const auto page = ReadPage(request, {});
  ASSERT_TRUE(page) << page.error().message;
}

TEST_F(PageReaderTest, ShowsTheCertificateThatTheFilesHoldNow) {
  const fakes::TestPki pki;
  const auto context = pki.ServerContext();
  SSL_CTX_set_verify(context->sslContext(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     nullptr);
  ASSERT_EQ(SSL_CTX_load_verify_locations(context->sslContext(), pki.CaFile().c_str(), nullptr), 1);
  const Pages pages(Answer("hello"), context);
  PageRequest request = RequestFor(pages.Url("localhost"));
  request.ca_file = pki.CaFile();
  EXPECT_FALSE(ReadPage(request, {})) << "no certificate";

  request.cert_file = folder_.Path() / "client.pem";
  request.key_file = folder_.Path() / "client-key.pem";
  WriteIdentity(request, pki.Issue({.usage = "clientAuth", .signed_by_ca = false}));
  EXPECT_FALSE(ReadPage(request, {})) << "one of nobody";

  WriteIdentity(request, pki.Issue({.usage = "clientAuth"}));
  const auto page = ReadPage(request, {});
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(*page, "hello");
}

TEST_F(PageReaderTest, ShowsACertificateEncryptedOnlyAndWithItsKey) {
  PageRequest request = RequestFor("https://far.example");
  request.cert_file = "cert";
  EXPECT_EQ(CheckPageRequest(request).error().message,
            "a client's certificate and its key belong together: only one is given");
  request.key_file = "key";
  EXPECT_TRUE(CheckPageRequest(request));
  request.url = "http://localhost:1";
  EXPECT_EQ(CheckPageRequest(request).error().message,
            "a client's certificate is shown over https: http://localhost:1 is not");
}

TEST_F(PageReaderTest, SaysWithWhichStatusItWasRefused) {
  const Pages pages(Answer("", "", "401 Unauthorized"));
  const auto page = ReadPage(WithPassword(pages.Url() + "/metrics", "hunter2"), {});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, ErrorKind::kAuth);
  EXPECT_EQ(page.error().message, "GET " + pages.Url() + "/metrics: HTTP 401");
}

TEST_F(PageReaderTest, FollowsNoRedirect) {
  const Pages pages(Answer("", "Location: http://127.0.0.1:1/\r\n", "302 Found"));
  const auto page = ReadPage(RequestFor(pages.Url()), {});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().http_status, 302);
}

TEST_F(PageReaderTest, GivesUpWhenTheTimeIsOver) {
  WireServer server([](Wire& wire, int) { wire.WaitUntilGone(); });
  PageRequest request = RequestFor(server.Url());
  request.timeout = std::chrono::milliseconds(50);
  const auto page = ReadPage(request, {});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, ErrorKind::kTimeout);
}

TEST_F(PageReaderTest, EndsAtOnceWhenStopped) {
  std::promise<void> asked;
  WireServer server([&](Wire& wire, int) {
    wire.ReadRequest();
    asked.set_value();
    wire.WaitUntilGone();
  });
  std::stop_source stop;
  std::jthread stopper([&] {
    asked.get_future().wait();
    stop.request_stop();
  });
  PageRequest request = RequestFor(server.Url());
  request.timeout = std::chrono::minutes(5);
  const auto page = ReadPage(request, stop.get_token());
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, ErrorKind::kCancelled);
}

TEST_F(PageReaderTest, SaysWhatIsWrongWithThePasswordFile) {
  PageRequest request = RequestFor("http://127.0.0.1:1");
  request.username = "prometheus";
  request.password_file = folder_.Path() / "missing";
  const auto page = ReadPage(request, {});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().message,
            "password file " + request.password_file.string() + " is not a readable file");
}

TEST_F(PageReaderTest, SendsAPasswordToThisMachineOrEncryptedOnly) {
  EXPECT_TRUE(CheckPageRequest(WithPassword("http://localhost:1", "s3cret")));
  EXPECT_TRUE(CheckPageRequest(WithPassword("https://far.example", "s3cret")));
  EXPECT_TRUE(CheckPageRequest(RequestFor("http://far.example:10977/metrics")));
  const Status refused = CheckPageRequest(WithPassword("http://far.example/metrics", "s3cret"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "a password is sent over https, or to this machine: http://far.example is neither");
}

TEST_F(PageReaderTest, WantsUserAndPasswordTogether) {
  PageRequest request = RequestFor("http://localhost:1");
  request.username = "prometheus";
  EXPECT_FALSE(CheckPageRequest(request));
  request.password_file = "file";
  EXPECT_TRUE(CheckPageRequest(request));
  request.username = "";
  EXPECT_FALSE(CheckPageRequest(request));
  request.username = "a:b";
  EXPECT_FALSE(CheckPageRequest(request));
}

struct BadUrl {
  std::string name;
  std::string url;
  std::string shown;
};
class BadPageUrlTest : public ::testing::TestWithParam<BadUrl> {};

TEST_P(BadPageUrlTest, IsRefused) {
  PageRequest request;
  request.url = GetParam().url;
  const Status checked = CheckPageRequest(request);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(checked.error().message, "'" + GetParam().shown +
                                         "' is not accepted: must be "
                                         "http[s]://HOST[:PORT][/PATH][?QUERY]");
}

INSTANTIATE_TEST_SUITE_P(
    Urls, BadPageUrlTest,
    ::testing::Values(BadUrl{"Empty", "", ""}, BadUrl{"NoScheme", "localhost:1", "localhost:1"},
                      BadUrl{"Ftp", "ftp://a/b", "ftp://a/b"},
                      BadUrl{"NoHost", "http:///metrics", "http:///metrics"},
                      BadUrl{"Fragment", "http://a/#b", "http://a/#b"},
                      BadUrl{"Password", "http://me:hunter2@a/", "(hidden)"},
                      BadUrl{"Port", "http://a:99999999/", "http://a:99999999/"}),
    [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace acronis
