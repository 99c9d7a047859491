#include "exporter/config/web_config.h"

#include <chrono>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/exporter/config/web_files.h"

namespace acronis::exporter {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

/// The files that the tests name, made once.
class WebConfigTest : public ::testing::Test {
 protected:
  static const test::WebFiles& Files() {
    static const test::WebFiles files;
    return files;
  }
  static Result<WebConfig> Load(const std::string& text) {
    return ParseWebConfig(text, Files().Path() / "web.yml").config;
  }
};

TEST_F(WebConfigTest, AnEmptyFileIsPlainHttpForEverybody) {
  for (const char* const text : {"", "# nothing yet\n", "---\n"}) {
    const auto config = Load(text);
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_FALSE(config->tls);
    EXPECT_TRUE(config->basic_auth_users.empty());
    EXPECT_EQ(config->rate_limit, RateLimitOptions{});
    EXPECT_TRUE(config->http2);
    EXPECT_TRUE(config->empty);
  }
}

TEST_F(WebConfigTest, AnEmptyTlsPartIsPlainHttp) {
  for (const char* const text :
       {"tls_server_config:\n", "tls_server_config: {}\n",
        "tls_server_config: {cert_file: '', key_file: '', client_auth_type: ''}\n"}) {
    const auto config = Load(text);
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_FALSE(config->tls);
    EXPECT_FALSE(config->empty);
  }
}

TEST_F(WebConfigTest, TwoFilesAreEnoughForTls) {
  const auto config = Load("tls_server_config: {cert_file: server.pem, key_file: server.key}\n");
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_TRUE(config->tls);
  EXPECT_EQ(config->tls->certificates, Files().Read("server.pem"));
  EXPECT_EQ(config->tls->key.Reveal(), Files().Read("server.key"));
  EXPECT_EQ(config->tls->client_auth, ClientAuth::kNone);
  EXPECT_EQ(config->tls->min_version, TlsVersion::kTls12);
  EXPECT_EQ(config->tls->max_version, TlsVersion::kTls13);
  EXPECT_TRUE(config->tls->prefer_server_cipher_suites);
}

TEST_F(WebConfigTest, ReadsEveryKey) {
  const auto config = Load(
      "tls_server_config:\n"
      "  cert_file: server.pem\n"
      "  key_file: server.key\n"
      "  client_ca_file: ca.pem\n"
      "  client_auth_type: RequireAndVerifyClientCert\n"
      "  client_allowed_sans: [prometheus, 10.0.0.1]\n"
      "  min_version: TLS13\n"
      "  max_version: TLS13\n"
      "  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]\n"
      "  curve_preferences: [CurveP384, X25519]\n"
      "  prefer_server_cipher_suites: false\n"
      "http_server_config:\n"
      "  http2: false\n"
      "  headers:\n"
      "    X-Frame-Options: deny\n"
      "    Content-Security-Policy: default-src 'self'\n"
      "basic_auth_users:\n"
      "  alice: " +
      std::string(test::kHash) +
      "\n"
      "rate_limit: {interval: 10ms, burst: 5}\n");
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_TRUE(config->tls);
  EXPECT_EQ(config->tls->client_ca, Files().Read("ca.pem"));
  EXPECT_EQ(config->tls->client_auth, ClientAuth::kRequireAndVerify);
  EXPECT_THAT(config->tls->client_allowed_sans, ElementsAre("prometheus", "10.0.0.1"));
  EXPECT_EQ(config->tls->min_version, TlsVersion::kTls13);
  EXPECT_THAT(config->tls->cipher_suites,
              ElementsAre("ECDHE-RSA-AES128-GCM-SHA256", "TLS_AES_128_GCM_SHA256"));
  EXPECT_THAT(config->tls->curves, ElementsAre("P-384", "X25519"));
  EXPECT_FALSE(config->tls->prefer_server_cipher_suites);
  EXPECT_FALSE(config->http2);
  EXPECT_THAT(config->headers, ElementsAre(Pair("X-Frame-Options", "deny"),
                                           Pair("Content-Security-Policy", "default-src 'self'")));
  EXPECT_EQ(config->basic_auth_users.at("alice").Reveal(), test::kHash);
  EXPECT_EQ(config->rate_limit, (RateLimitOptions{std::chrono::milliseconds(10), 5}));
}

TEST_F(WebConfigTest, TakesCertificatesFromTheFileItself) {
  const auto config = Load("tls_server_config:\n  cert: |\n" + Files().Inline("server.pem") +
                           "  key: |\n" + Files().Inline("server.key") + "  client_ca: |\n" +
                           Files().Inline("ca.pem") + "  client_auth_type: RequireClientCert\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->tls->certificates, Files().Read("server.pem"));
  EXPECT_EQ(config->tls->key.Reveal(), Files().Read("server.key"));
  EXPECT_EQ(config->tls->client_auth, ClientAuth::kRequireAny);
}

TEST_F(WebConfigTest, NamesEveryFileThatHasToDoWithIt) {
  const auto folder = Files().Path();
  const auto reading = ParseWebConfig(
      "tls_server_config: {cert_file: nowhere.pem, key_file: /dev/null, client_ca_file: ca.pem}\n",
      folder / "web.yml");
  EXPECT_FALSE(reading.config);
  EXPECT_THAT(reading.files, ElementsAre(folder / "web.yml", folder / "nowhere.pem", "/dev/null",
                                         folder / "ca.pem"));
}

TEST_F(WebConfigTest, ReportsAllProblemsAtOnce) {
  const auto config = Load(
      "tls_server_config:\n"
      "  cert_file: nowhere.pem\n"
      "  min_version: TLS14\n"
      "basic_auth_users:\n"
      "  bob: plain\n"
      "rate_limits: {}\n");
  ASSERT_FALSE(config);
  const std::string& message = config.error().message;
  for (const char* const line :
       {":2: tls_server_config.cert_file: ", ":1: tls_server_config.key_file: missing",
        ":3: tls_server_config.min_version: 'TLS14' is not accepted",
        ":5: basic_auth_users.bob: must be a bcrypt hash",
        ":6: rate_limits: unknown key; did you mean rate_limit?"}) {
    EXPECT_THAT(message, HasSubstr(line));
  }
}

TEST_F(WebConfigTest, AFileThatIsMissingOrTooLargeIsNamed) {
  const auto missing = LoadWebConfig(Files().Path() / "no.yml");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("no.yml: there is no such file"));

  const auto large = Files().Path() / "large.yml";
  std::ofstream(large) << std::string(kMaxWebConfigBytes + 1, '#');
  const auto refused = LoadWebConfig(large);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("large.yml: is larger than 1048576 bytes"));
}

TEST_F(WebConfigTest, MessagesShowNoHashAndNoKey) {
  const std::string secret = "S3cr3tValue";
  for (const std::string& text :
       {"basic_auth_users: {alice: " + secret + "}\n", "basic_auth_users: alice:" + secret + "\n",
        "basic_auth_users: [" + secret + "]\n", "basic_auth_users: {alice: [" + secret + "]}\n",
        "tls_server_config: " + secret + "\n", secret + "\n",
        "tls_server_config: {key: " + secret + ", cert_file: server.pem}\n",
        "tls_server_config: {key: [" + secret + "], cert_file: server.pem}\n",
        "tls_server_config: {key: {a: " + secret + "}, cert_file: server.pem}\n"}) {
    const auto config = Load(text);
    ASSERT_FALSE(config) << text;
    EXPECT_THAT(config.error().message, Not(HasSubstr(secret))) << text;
  }
}

/// One thing that is wrong, and what is said about it.
struct Bad {
  std::string name;
  std::string text;
  std::string message;  ///< From the colon before the line on.
};
void PrintTo(const Bad& bad, std::ostream* out) {
  *out << bad.name;
}
class BadWebConfigTest : public WebConfigTest, public ::testing::WithParamInterface<Bad> {};

TEST_P(BadWebConfigTest, IsNamedWithItsLine) {
  const auto config = Load(GetParam().text);
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().message, HasSubstr("/web.yml" + GetParam().message));
  EXPECT_THAT(config.error().message, Not(HasSubstr("\n"))) << "nothing else is wrong";
}

/// Line 1 is the section, 2 and 3 are a good pair, and `more` begins in line 4.
std::string Tls(const std::string& more) {
  return "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n" + more;
}
std::string TlsFrom(const std::string& certificate, const std::string& key) {
  return "tls_server_config:\n  cert_file: " + certificate + "\n  key_file: " + key + "\n";
}
std::string User(const std::string& hash) {
  return "basic_auth_users:\n  alice: " + hash + "\n";
}
std::string Headers(const std::string& line) {
  return "http_server_config:\n  headers:\n    " + line + "\n";
}
constexpr const char* kUserKey = ":2: basic_auth_users.alice: must be a bcrypt hash: $2a$";
const std::string kTail(53, 'a');

INSTANTIATE_TEST_SUITE_P(
    Tls, BadWebConfigTest,
    ::testing::Values(
        Bad{"NoKey", "tls_server_config:\n  cert_file: server.pem\n",
            ":1: tls_server_config.key_file: missing: key_file or key is needed for TLS"},
        Bad{"NoCertificate", "tls_server_config:\n  key_file: server.key\n",
            ":1: tls_server_config.cert_file: missing: cert_file or cert is needed for TLS"},
        Bad{"BothForms", Tls("  cert: x\n"),
            ":4: tls_server_config.cert: given besides cert_file: one of them is accepted"},
        Bad{"CertificateNowhere", TlsFrom("no.pem", "server.key"),
            ":2: tls_server_config.cert_file: "},
        Bad{"CertificateJunk", TlsFrom("junk.pem", "server.key"),
            ":2: tls_server_config.cert_file: "},
        Bad{"CertificateDamaged", TlsFrom("damaged.pem", "server.key"),
            ":2: tls_server_config.cert_file: "},
        Bad{"CertificateIsAFolder", TlsFrom(".", "server.key"),
            ":2: tls_server_config.cert_file: "},
        Bad{"KeyNowhere", TlsFrom("server.pem", "no.key"), ":3: tls_server_config.key_file: "},
        Bad{"KeyJunk", TlsFrom("server.pem", "junk.pem"), ":3: tls_server_config.key_file: "},
        Bad{"KeyEncrypted", TlsFrom("server.pem", "encrypted.key"),
            ":3: tls_server_config.key_file: "},
        Bad{"KeyOfAnother", TlsFrom("server.pem", "client.key"),
            ":3: tls_server_config.key_file: "},
        Bad{"WeakKey", TlsFrom("weak.pem", "weak.key"), ":2: tls_server_config.cert_file: "},
        Bad{"WeakSignature", TlsFrom("sha1.pem", "sha1.key"), ":2: tls_server_config.cert_file: "},
        Bad{"CaWithoutType", Tls("  client_ca_file: ca.pem\n"),
            ":4: tls_server_config.client_ca_file: needs a client_auth_type"},
        Bad{"CaJunk", Tls("  client_auth_type: RequestClientCert\n  client_ca_file: junk.pem\n"),
            ":5: tls_server_config.client_ca_file: "},
        Bad{"VerifyWithoutCa", Tls("  client_auth_type: RequireAndVerifyClientCert\n"),
            ":4: tls_server_config.client_auth_type: verifies certificates, so it needs "
            "client_ca_file or client_ca"},
        Bad{"VerifyIfGivenWithoutCa", Tls("  client_auth_type: VerifyClientCertIfGiven\n"),
            ":4: tls_server_config.client_auth_type: verifies certificates"},
        Bad{"UnknownType", Tls("  client_auth_type: RequireSomething\n"),
            ":4: tls_server_config.client_auth_type: 'RequireSomething' is not accepted: must be "
            "one of NoClientCert, RequestClientCert, RequireAnyClientCert, RequireClientCert, "
            "VerifyClientCertIfGiven, RequireAndVerifyClientCert"},
        Bad{"SansWithoutType", Tls("  client_allowed_sans: [a]\n"),
            ":4: tls_server_config.client_allowed_sans: needs client_auth_type "
            "RequireAnyClientCert or RequireAndVerifyClientCert"},
        Bad{"NoSans", Tls("  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: []\n"),
            ":5: tls_server_config.client_allowed_sans: nobody could connect"},
        Bad{"UnknownVersion", Tls("  min_version: TLS1.2\n"),
            ":4: tls_server_config.min_version: 'TLS1.2' is not accepted: must be one of TLS10, "
            "TLS11, TLS12, TLS13"},
        Bad{"VersionsCrossed", Tls("  min_version: TLS13\n  max_version: TLS12\n"),
            ":5: tls_server_config.max_version: must not be below min_version"},
        Bad{"OnlyOldVersions", Tls("  min_version: TLS10\n  max_version: TLS11\n"),
            ":5: tls_server_config.max_version: must be TLS12 or TLS13"},
        Bad{"UnknownCipher", Tls("  cipher_suites:\n    - TLS_RSA_WITH_RC4_128_SHA\n"),
            ":5: tls_server_config.cipher_suites: 'TLS_RSA_WITH_RC4_128_SHA' is not accepted: must "
            "be among TLS_AES_128_GCM_SHA256, "},
        Bad{"NoCipherForTheVersion",
            Tls("  max_version: TLS12\n  cipher_suites: [TLS_AES_128_GCM_SHA256]\n"),
            ":5: tls_server_config.cipher_suites: none of these is for TLS12"},
        Bad{"UnknownCurve", Tls("  curve_preferences: [X25519, P256]\n"),
            ":4: tls_server_config.curve_preferences: 'P256' is not accepted: must be among "
            "CurveP256, CurveP384, CurveP521, X25519"},
        Bad{"PreferenceIsNoBool", Tls("  prefer_server_cipher_suites: maybe\n"),
            ":4: tls_server_config.prefer_server_cipher_suites: 'maybe' is not accepted: must be "
            "true or false"},
        Bad{"NothingToProtect", "tls_server_config:\n  min_version: TLS13\n",
            ":2: tls_server_config.min_version: means nothing without cert_file or cert"},
        Bad{"OnlyAnUnknownKey", "tls_server_config:\n  cart_file: a.pem\n",
            ":2: tls_server_config.cart_file: unknown key; did you mean cert_file?"},
        Bad{"UnknownKey", Tls("  client_auth: NoClientCert\n"),
            ":4: tls_server_config.client_auth: unknown key; did you mean client_auth_type?"}),
    [](const auto& instance) { return instance.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Rest, BadWebConfigTest,
    ::testing::Values(
        Bad{"UnknownRootKey", "\ntls_config: {}\n", ":2: tls_config: unknown key"},
        Bad{"TwiceTheSameKey", "rate_limit: {}\nrate_limit: {}\n",
            ":2: the key 'rate_limit' is given twice"},
        Bad{"NotYaml", "rate_limit: {\n", ":2: not valid YAML: "},
        Bad{"NotAMap", "- a\n", ":1: (the whole file): a list is not accepted"},
        Bad{"UnknownHeader", Headers("Server: mine"),
            ":3: http_server_config.headers.Server: this header cannot be set (accepted here: "
            "Content-Security-Policy, Strict-Transport-Security, X-Content-Type-Options, "
            "X-Frame-Options, X-XSS-Protection)"},
        Bad{"HeaderInLowerCase", Headers("x-frame-options: deny"),
            ":3: http_server_config.headers.x-frame-options: this header cannot be set"},
        Bad{"HeaderValue", Headers("X-Frame-Options: allow"),
            ":3: http_server_config.headers.X-Frame-Options: 'allow' is not accepted: must be deny "
            "or sameorigin"},
        Bad{"HeaderWithALineBreak", Headers(R"(Content-Security-Policy: "a\r\nSet-Cookie: b")"),
            ":3: http_server_config.headers.Content-Security-Policy: must consist of printable"},
        Bad{"HeaderWithoutValue", Headers("X-XSS-Protection:"),
            ":3: http_server_config.headers.X-XSS-Protection: nothing is not accepted"},
        Bad{"Http2", "http_server_config: {http2: 2}\n",
            ":1: http_server_config.http2: '2' is not accepted: must be true or false"},
        Bad{"Http2InQuotes", "http_server_config: {http2: 'true'}\n",
            ":1: http_server_config.http2: 'true' is not accepted"},
        Bad{"PlainPassword", User("secret"), kUserKey}, Bad{"NoHash", User(""), kUserKey},
        Bad{"Md5", User("$1$abcdefgh$aaaaaaaaaaaaaaaaaaaaaa"), kUserKey},
        Bad{"OldBcrypt", User("$2x$10$" + kTail), kUserKey},
        Bad{"CheapCost", User("$2y$03$" + kTail), kUserKey},
        Bad{"DearCost", User("$2y$32$" + kTail), kUserKey},
        Bad{"NoCost", User("$2y$+9$" + kTail), kUserKey},
        Bad{"ShortHash", User("$2y$10$" + kTail.substr(1)), kUserKey},
        Bad{"LongHash", User("$2y$10$a" + kTail), kUserKey},
        Bad{"ForeignLetters", User("$2y$10$=" + kTail.substr(1)), kUserKey},
        Bad{"ColonInUser", "basic_auth_users:\n  'a:b': " + std::string(test::kHash) + "\n",
            ":2: basic_auth_users.a:b: a user's name cannot hold a colon"},
        Bad{"NoBurst", "rate_limit:\n  interval: 1s\n",
            ":1: rate_limit.burst: every request would be refused: must be 1 at least"},
        Bad{"NegativeBurst", "rate_limit:\n  burst: -1\n", ":2: rate_limit.burst: "},
        Bad{"NegativeInterval", "rate_limit: {interval: -1s, burst: 1}\n",
            ":1: rate_limit.interval: '-1s' is not accepted: must be a duration"}),
    [](const auto& instance) { return instance.param.name; });

TEST_F(WebConfigTest, AcceptsHashesOfEveryKindAndCost) {
  for (const char* const kind : {"$2a$", "$2b$", "$2y$"}) {
    for (const char* const cost : {"04", "10", "31"}) {
      const auto config = Load(User(std::string(kind) + cost + "$" + kTail));
      EXPECT_TRUE(config) << config.error().message;
    }
  }
}

TEST_F(WebConfigTest, TheSwitchesAreReadInAllSpellings) {
  for (const char* const text : {"false", "no", "off", "n", "FALSE"}) {
    const auto config = Load("http_server_config: {http2: " + std::string(text) + "}\n");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_FALSE(config->http2) << text;
  }
}

std::string Page() {
  std::ifstream file(std::string(ACRONIS_SOURCE_ROOT) + "/docs/web_config.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(WebConfigPage, HasEveryKeyInItsTable) {
  const std::string page = Page();
  for (const std::string& key : KnownWebConfigKeys()) {
    if (key != "http_server_config" && key != "rate_limit") {  // Their parts are there.
      EXPECT_THAT(page, HasSubstr("`" + key + "`"));
    }
  }
}

TEST_F(WebConfigTest, TheExampleOfThePageIsAccepted) {
  const std::string page = Page();
  const std::string begin = "```yaml\n";
  const auto at = page.find(begin) + begin.size();
  std::string example = page.substr(at, page.find("```", at) - at);
  const std::string ca = "scrapers-ca.pem";
  example.replace(example.find(ca), ca.size(), "ca.pem");
  const auto config = Load(example);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->basic_auth_users.size(), 1U);
}

}  // namespace
}  // namespace acronis::exporter
