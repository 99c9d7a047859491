#include "exporter/web/tls/server_tls.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/web/tls/client_check.h"
#include "tests/exporter/web/handshake.h"

namespace acronis::exporter {
namespace {

using test::ClientSide;
using test::Handshake;
using test::ShakeHands;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Two authorities, one of which the server trusts, and what they signed. Made once.
class ServerTlsTest : public ::testing::Test {
 protected:
  static const fakes::TestPki& Right() {
    static const fakes::TestPki pki;
    return pki;
  }
  static const fakes::TestPki& Wrong() {
    static const fakes::TestPki pki;
    return pki;
  }
  static const fakes::PemPair& Elliptic() {
    static const fakes::PemPair pair = Right().Issue();
    return pair;
  }
  static const fakes::PemPair& Rsa() {
    static const fakes::PemPair pair = Right().Issue({.key = "RSA-2048"});
    return pair;
  }
  static TlsOptions Options(const fakes::PemPair& pair = Elliptic()) {
    TlsOptions options;
    options.certificates = pair.certificate;
    options.key = Secret(pair.key);
    return options;
  }
  static std::shared_ptr<const ServerTls> Make(const TlsOptions& options) {
    auto made = ServerTls::Make(options);
    EXPECT_TRUE(made) << made.error().message;
    return *made;
  }
};

TEST_F(ServerTlsTest, SpeaksTls12And13) {
  const auto server = Make(Options());
  for (const auto& [version, name] :
       {std::pair(TLS1_2_VERSION, "TLSv1.2"), {TLS1_3_VERSION, "TLSv1.3"}}) {
    const Handshake shaken = ShakeHands(*server, {.min_version = version, .max_version = version});
    EXPECT_TRUE(shaken.exchanged) << name;
    EXPECT_EQ(shaken.version, name);
    EXPECT_EQ(shaken.certificate, Elliptic().certificate);
  }
}

TEST_F(ServerTlsTest, NeverSpeaksOlderVersions) {
  TlsOptions options = Options();
  options.min_version = TlsVersion::kTls10;
  const auto server = Make(options);
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    EXPECT_FALSE(ShakeHands(*server, {.min_version = version, .max_version = version}).accepted);
  }
  EXPECT_TRUE(ShakeHands(*server).exchanged);
}

TEST_F(ServerTlsTest, KeepsToTheVersionsItIsGiven) {
  TlsOptions new_one = Options();
  new_one.min_version = TlsVersion::kTls13;
  TlsOptions old_one = Options();
  old_one.max_version = TlsVersion::kTls12;
  const ClientSide only12{.max_version = TLS1_2_VERSION};
  const ClientSide only13{.min_version = TLS1_3_VERSION};
  EXPECT_FALSE(ShakeHands(*Make(new_one), only12).accepted);
  EXPECT_TRUE(ShakeHands(*Make(new_one), only13).exchanged);
  EXPECT_TRUE(ShakeHands(*Make(old_one), only12).exchanged);
  EXPECT_FALSE(ShakeHands(*Make(old_one), only13).accepted);
}

/// Every cipher suite of TLS 1.2 that the server agrees to.
std::set<std::string> CiphersOf(const ServerTls& server) {
  std::set<std::string> agreed;
  std::string refused;
  while (true) {
    const Handshake shaken =
        ShakeHands(server, {.max_version = TLS1_2_VERSION,
                            .ciphers = "ALL:COMPLEMENTOFALL:!SRP:!PSK" + refused + ":@SECLEVEL=0"});
    if (!shaken.exchanged || !agreed.insert(shaken.cipher).second) {
      return agreed;
    }
    refused += ":!" + shaken.cipher;
  }
}

TEST_F(ServerTlsTest, AgreesToSecureCiphersOnly) {
  EXPECT_THAT(CiphersOf(*Make(Options())),
              ElementsAre("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
                          "ECDHE-ECDSA-CHACHA20-POLY1305"));
  EXPECT_THAT(CiphersOf(*Make(Options(Rsa()))),
              ElementsAre("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384",
                          "ECDHE-RSA-CHACHA20-POLY1305"));
}

TEST_F(ServerTlsTest, EveryCipherOfTheTableCanBeHad) {
  for (const auto& [name, openssl] : kCipherSuites) {
    TlsOptions options = Options(name.find("ECDSA") == std::string_view::npos ? Rsa() : Elliptic());
    options.cipher_suites = {openssl};
    const auto server = Make(options);
    if (openssl.starts_with("TLS_")) {
      EXPECT_FALSE(ShakeHands(*server, {.max_version = TLS1_2_VERSION}).accepted) << name;
      EXPECT_TRUE(ShakeHands(*server).exchanged) << name;
    } else {
      EXPECT_THAT(CiphersOf(*server), ElementsAre(std::string(openssl)));
      EXPECT_TRUE(ShakeHands(*server, {.min_version = TLS1_3_VERSION}).exchanged) << name;
    }
  }
}

TEST_F(ServerTlsTest, TheServerChoosesUnlessToldOtherwise) {
  TlsOptions options = Options();
  const ClientSide side{.max_version = TLS1_2_VERSION,
                        .ciphers = "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256"};
  EXPECT_EQ(ShakeHands(*Make(options), side).cipher, "ECDHE-ECDSA-AES128-GCM-SHA256");
  options.prefer_server_cipher_suites = false;
  EXPECT_EQ(ShakeHands(*Make(options), side).cipher, "ECDHE-ECDSA-CHACHA20-POLY1305");
}

TEST_F(ServerTlsTest, KeepsToTheCurvesItIsGiven) {
  const std::vector<std::string> all = {"P-256", "P-384", "P-521", "X25519"};
  for (const auto& [name, openssl] : kCurves) {
    TlsOptions options = Options();
    options.curves = {openssl};
    const auto server = Make(options);
    for (const std::string& offered : all) {
      for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        // The server's own certificate is on P-256, which TLS 1.2 wants to be offered.
        const std::string curves = offered == "P-256" ? offered : offered + ":P-256";
        const Handshake shaken =
            ShakeHands(*server, {.min_version = version, .max_version = version, .curves = curves});
        const bool shared = offered == openssl || openssl == "P-256";
        EXPECT_EQ(shaken.exchanged, shared) << name << " and " << offered;
      }
    }
  }
  EXPECT_EQ(ShakeHands(*Make(Options()), {.curves = "P-521:P-256"}).curve, "secp521r1");
}

TEST_F(ServerTlsTest, ResumesNothing) {
  const auto server = Make(Options());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    ClientSide side{.min_version = version, .max_version = version};
    const Handshake first = ShakeHands(*server, side);
    side.session = first.session.get();
    const Handshake second = ShakeHands(*server, side);
    EXPECT_TRUE(second.exchanged);
    EXPECT_FALSE(second.resumed);
  }
}

TEST_F(ServerTlsTest, DoesNotRenegotiate) {
  const Handshake shaken = ShakeHands(*Make(Options()), {.max_version = TLS1_2_VERSION});
  EXPECT_TRUE(shaken.exchanged);
  EXPECT_FALSE(shaken.renegotiated);
}

TEST_F(ServerTlsTest, ChoosesHttp1WhereItIsOffered) {
  const auto server = Make(Options());
  EXPECT_EQ(ShakeHands(*server, {.protocols = "\x02h2\x08http/1.1"}).protocol, "http/1.1");
  const Handshake other = ShakeHands(*server, {.protocols = "\x02h2"});
  EXPECT_TRUE(other.exchanged);
  EXPECT_EQ(other.protocol, "");
}

TEST_F(ServerTlsTest, AConnectionOutlivesTheServer) {
  auto server = Make(Options());
  const SslPtr connection = server->NewConnection(-1);
  server.reset();
  EXPECT_EQ(SSL_get_verify_mode(connection.get()), SSL_VERIFY_NONE);
}

TEST_F(ServerTlsTest, RefusesAWeakKey) {
  const auto made = ServerTls::Make(Options(Right().Issue({.key = "RSA-1024"})));
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("OpenSSL refuses the certificate: ee key too small"));
}

TEST_F(ServerTlsTest, SendsTheWholeChain) {
  TlsOptions options = Options();
  options.certificates += Right().CaPem();
  EXPECT_TRUE(ShakeHands(*Make(options)).exchanged);
}

TEST_F(ServerTlsTest, KnowsEveryKindOfName) {
  const auto certificates = ReadCertificates(
      Right()
          .Issue({.names = "DNS:a.example,IP:10.0.0.1,IP:2001:db8::1,email:a@b.example,"
                           "URI:spiffe://c/d,RID:1.2.3"})
          .certificate);
  ASSERT_TRUE(certificates);
  EXPECT_THAT(SubjectNames(*certificates->front()),
              ElementsAre("a.example", "10.0.0.1", "2001:db8::1", "a@b.example", "spiffe://c/d"));
}

/// What a client comes with.
enum class Shown { kNothing, kSelfSigned, kRightCa, kWrongCa, kExpired, kListed, kForServers };

struct ClientCase {
  std::string name;
  ClientAuth auth;
  bool names_listed;         ///< `client_allowed_sans` is given.
  std::set<Shown> accepted;  ///< All others are refused.
};
void PrintTo(const ClientCase& row, std::ostream* out) {
  *out << row.name;
}

const std::set<Shown> kEverything = {Shown::kNothing,   Shown::kSelfSigned, Shown::kRightCa,
                                     Shown::kWrongCa,   Shown::kExpired,    Shown::kListed,
                                     Shown::kForServers};
std::set<Shown> Without(std::set<Shown> shown, Shown one) {
  shown.erase(one);
  return shown;
}

class ClientAuthTest : public ServerTlsTest, public ::testing::WithParamInterface<ClientCase> {
 protected:
  /// Every certificate but the listed one has `other.example` in it.
  static std::optional<fakes::PemPair> Certificate(Shown shown) {
    const std::string names = "DNS:other.example";
    switch (shown) {
      case Shown::kNothing:
        return std::nullopt;
      case Shown::kSelfSigned:
        return Right().Issue({.names = names, .usage = "clientAuth", .signed_by_ca = false});
      case Shown::kRightCa:
        return Right().Issue({.names = names, .usage = "clientAuth"});
      case Shown::kWrongCa:
        return Wrong().Issue({.names = names, .usage = "clientAuth"});
      case Shown::kExpired:
        return Right().Issue({.names = names,
                              .usage = "clientAuth",
                              .valid_from_seconds = -7200,
                              .valid_to_seconds = -3600});
      case Shown::kListed:
        return Right().Issue(
            {.names = "DNS:prometheus.example,URI:spiffe://a/b", .usage = "clientAuth"});
      case Shown::kForServers:
        return Right().Issue({.names = names, .usage = "serverAuth"});
    }
    return std::nullopt;
  }
};

TEST_P(ClientAuthTest, AcceptsWhomItShould) {
  const ClientCase& row = GetParam();
  TlsOptions options = Options();
  options.client_auth = row.auth;
  options.client_ca = row.auth == ClientAuth::kNone ? "" : Right().CaPem();
  if (row.names_listed) {
    options.client_allowed_sans = {"nobody.example", "spiffe://a/b"};
  }
  const auto server = Make(options);
  for (const Shown shown : kEverything) {
    const auto certificate = Certificate(shown);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      const Handshake shaken = ShakeHands(
          *server, {.certificate = certificate, .min_version = version, .max_version = version});
      EXPECT_EQ(shaken.accepted, row.accepted.contains(shown))
          << "certificate " << static_cast<int>(shown) << ", version " << version;
      EXPECT_EQ(shaken.exchanged, shaken.accepted);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Types, ClientAuthTest,
    ::testing::Values(
        ClientCase{"NoClientCert", ClientAuth::kNone, false, kEverything},
        ClientCase{"RequestClientCert", ClientAuth::kRequest, false, kEverything},
        ClientCase{"RequireAnyClientCert", ClientAuth::kRequireAny, false,
                   Without(kEverything, Shown::kNothing)},
        ClientCase{"VerifyClientCertIfGiven",
                   ClientAuth::kVerifyIfGiven,
                   false,
                   {Shown::kNothing, Shown::kRightCa, Shown::kListed}},
        ClientCase{"RequireAndVerifyClientCert",
                   ClientAuth::kRequireAndVerify,
                   false,
                   {Shown::kRightCa, Shown::kListed}},
        ClientCase{"AnyWithAListedName", ClientAuth::kRequireAny, true, {Shown::kListed}},
        ClientCase{
            "VerifiedWithAListedName", ClientAuth::kRequireAndVerify, true, {Shown::kListed}}),
    [](const auto& instance) { return instance.param.name; });

TEST_F(ServerTlsTest, AListedNameDoesNotReplaceTheSignature) {
  TlsOptions options = Options();
  options.client_auth = ClientAuth::kRequireAndVerify;
  options.client_ca = Right().CaPem();
  options.client_allowed_sans = {"prometheus.example"};
  const auto forged = Wrong().Issue({.names = "DNS:prometheus.example", .usage = "clientAuth"});
  EXPECT_FALSE(ShakeHands(*Make(options), {.certificate = forged}).accepted);
}

TEST_F(ServerTlsTest, TellsWhyAHandshakeFailed) {
  TlsOptions options = Options();
  options.client_auth = ClientAuth::kRequireAndVerify;
  options.client_ca = Right().CaPem();
  options.client_allowed_sans = {"prometheus.example"};
  const auto server = Make(options);
  EXPECT_EQ(ShakeHands(*server).refusal, "peer did not return a certificate");
  EXPECT_EQ(ShakeHands(*server, {.certificate = Wrong().Issue()}).refusal,
            "client's certificate: certificate signature failure");
  EXPECT_EQ(ShakeHands(*server, {.certificate = Right().Issue()}).refusal,
            "no name of the client's certificate is allowed");
  EXPECT_EQ(ShakeHands(*server, {.certificate = Right().Issue({.names = "DNS:prometheus.example"})})
                .refusal,
            "");
}

TEST_F(ServerTlsTest, RecognizesPlainHttp) {
  const auto server = Make(Options());
  EXPECT_TRUE(ShakeHands(*server, {.plain_text = "GET / HTTP/1.1\r\n\r\n"}).plain_http);
  const Handshake other = ShakeHands(*server, {.plain_text = "hello there, who is it?\r\n\r\n"});
  EXPECT_FALSE(other.plain_http);
  EXPECT_NE(other.refusal, "");
}

TEST_F(ServerTlsTest, NamesAreComparedLetterByLetter) {
  TlsOptions options = Options();
  options.client_auth = ClientAuth::kRequireAny;
  options.client_allowed_sans = {"*.example", "prometheus.example"};
  const auto server = Make(options);
  for (const char* const name : {"DNS:a.example", "DNS:Prometheus.example",
                                 "DNS:prometheus.example.evil", "DNS:prometheus.exampl"}) {
    EXPECT_FALSE(ShakeHands(*server, {.certificate = Right().Issue({.names = name})}).accepted)
        << name;
  }
}

TEST_F(ServerTlsTest, ACertificateOfTheCaFileIsTrustedAsItIs) {
  for (const bool signed_by_ca : {false, true}) {
    const auto pinned = Right().Issue({.usage = "clientAuth", .signed_by_ca = signed_by_ca});
    TlsOptions options = Options();
    options.client_auth = ClientAuth::kRequireAndVerify;
    options.client_ca = pinned.certificate;
    EXPECT_TRUE(ShakeHands(*Make(options), {.certificate = pinned}).exchanged) << signed_by_ca;
  }
}

}  // namespace
}  // namespace acronis::exporter
