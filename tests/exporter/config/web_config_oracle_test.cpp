#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "exporter/config/web_config.h"
#include "tests/exporter/config/web_files.h"

namespace acronis::exporter {
namespace {

/// A web configuration that we and Prometheus judge. Only keys that Debian's version knows.
struct Fixture {
  std::string name;
  std::string text;
  /// Why we judge otherwise; empty: we agree.
  std::string difference{};
};

/// `tls_server_config` with a good pair and `more` of its lines.
std::string Tls(const std::string& more) {
  return "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n" + more;
}
std::string Users(const std::string& hash) {
  return "basic_auth_users:\n  alice: " + hash + "\n";
}
std::string Headers(const std::string& lines) {
  return "http_server_config:\n  headers:\n" + lines;
}
const std::string kTail(53, 'a');

std::vector<Fixture> TlsFixtures() {
  return {
      {"pair", Tls("")},
      {"no_key", "tls_server_config:\n  cert_file: server.pem\n"},
      {"no_certificate", "tls_server_config:\n  key_file: server.key\n"},
      {"empty_names", "tls_server_config: {cert_file: '', key_file: ''}\n"},
      {"nothing_named", "tls_server_config: {}\n"},
      {"null_part", "tls_server_config:\n"},
      {"certificate_nowhere", "tls_server_config: {cert_file: no.pem, key_file: server.key}\n"},
      {"key_nowhere", "tls_server_config: {cert_file: server.pem, key_file: no.key}\n"},
      {"certificate_junk", "tls_server_config: {cert_file: junk.pem, key_file: server.key}\n"},
      {"key_junk", "tls_server_config: {cert_file: server.pem, key_file: junk.pem}\n"},
      {"key_of_another", "tls_server_config: {cert_file: server.pem, key_file: client.key}\n"},
      {"key_encrypted", "tls_server_config: {cert_file: server.pem, key_file: encrypted.key}\n"},
      {"swapped", "tls_server_config: {cert_file: server.key, key_file: server.pem}\n"},
      {"no_client_cert", Tls("  client_auth_type: NoClientCert\n")},
      {"request", Tls("  client_auth_type: RequestClientCert\n")},
      {"require_old", Tls("  client_auth_type: RequireClientCert\n")},
      {"require_any", Tls("  client_auth_type: RequireAnyClientCert\n")},
      {"verify_if_given",
       Tls("  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: ca.pem\n")},
      {"require_and_verify",
       Tls("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n")},
      {"unknown_type", Tls("  client_auth_type: Sometimes\n")},
      {"type_in_small_letters", Tls("  client_auth_type: noclientcert\n")},
      {"type_alone", "tls_server_config:\n  client_auth_type: RequestClientCert\n"},
      {"ca_without_type", Tls("  client_ca_file: ca.pem\n")},
      {"ca_alone", "tls_server_config:\n  client_ca_file: ca.pem\n"},
      {"ca_nowhere", Tls("  client_auth_type: RequestClientCert\n  client_ca_file: no.pem\n")},
      {"versions", Tls("  min_version: TLS12\n  max_version: TLS13\n")},
      {"old_min_version", Tls("  min_version: TLS10\n")},
      {"unknown_version", Tls("  min_version: TLS14\n")},
      {"version_by_number", Tls("  min_version: 1.2\n")},
      {"ciphers", Tls("  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "
                      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256]\n")},
      {"ciphers_of_13", Tls("  cipher_suites: [TLS_AES_128_GCM_SHA256]\n")},
      {"cbc_ciphers", Tls("  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA]\n")},
      {"weak_cipher", Tls("  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n")},
      {"weak_cbc_cipher", Tls("  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256]\n")},
      {"openssl_cipher", Tls("  cipher_suites: [ECDHE-RSA-AES128-GCM-SHA256]\n")},
      {"no_ciphers", Tls("  cipher_suites: []\n")},
      {"curves", Tls("  curve_preferences: [CurveP256, CurveP384, CurveP521, X25519]\n")},
      {"unknown_curve", Tls("  curve_preferences: [P256]\n")},
      {"preference", Tls("  prefer_server_cipher_suites: false\n")},
      {"preference_of_yaml_11", Tls("  prefer_server_cipher_suites: off\n")},
      {"preference_unknown", Tls("  prefer_server_cipher_suites: maybe\n")},
      {"unknown_key", Tls("  junk_key: true\n")},
      {"part_is_a_text", "tls_server_config: yes please\n"},
  };
}

std::vector<Fixture> OtherFixtures() {
  return {
      {"empty", ""},
      {"comment", "# nothing\n"},
      {"unknown_part", "tls_config: {}\n"},
      {"twice", "http_server_config: {}\nhttp_server_config: {}\n"},
      {"list", "- a\n"},
      {"not_yaml", "tls_server_config: {\n"},
      {"http2", "http_server_config: {http2: true}\n"},
      {"http2_text", "http_server_config: {http2: please}\n"},
      {"headers", Headers("    Strict-Transport-Security: max-age=31536000\n"
                          "    X-Content-Type-Options: nosniff\n"
                          "    X-Frame-Options: deny\n"
                          "    X-XSS-Protection: '1'\n"
                          "    Content-Security-Policy: default-src 'self'\n")},
      {"frame_option", Headers("    X-Frame-Options: sameorigin\n")},
      {"frame_option_in_capitals", Headers("    X-Frame-Options: SAMEORIGIN\n")},
      {"frame_option_unknown", Headers("    X-Frame-Options: allow\n")},
      {"sniffing", Headers("    X-Content-Type-Options: sniff\n")},
      {"unknown_header", Headers("    Server: mine\n")},
      {"header_in_small_letters", Headers("    x-frame-options: deny\n")},
      {"user", Users(test::kHash)},
      {"users", Users(test::kHash) + "  bob: " + test::kHash + "\n"},
      {"nobody", "basic_auth_users: {}\n"},
      {"nameless", "basic_auth_users: {'': " + std::string(test::kHash) + "}\n"},
      {"kind_2a", Users("$2a$10$" + kTail)},
      {"kind_2b", Users("$2b$31$" + kTail)},
      {"plain_password", Users("secret")},
      {"md5", Users("$1$abcdefgh$aaaaaaaaaaaaaaaaaaaaaa")},
      {"cheap", Users("$2y$03$" + kTail)},
      {"dear", Users("$2y$32$" + kTail)},
      {"short", Users("$2y$10$" + kTail.substr(2))},
      {"no_hash", Users("''")},
      {"users_as_list", "basic_auth_users: [alice]\n"},
      {"all", Tls("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n") +
                  Users(test::kHash) + Headers("    X-Frame-Options: deny\n")},
  };
}

std::vector<Fixture> Differences() {
  return {
      {"verify_without_ca", Tls("  client_auth_type: RequireAndVerifyClientCert\n"),
       "the system's roots are no list of scrapers"},
      {"ca_junk", Tls("  client_auth_type: RequestClientCert\n  client_ca_file: junk.pem\n"),
       "a CA that cannot be read would let nobody in"},
      {"weak_key", "tls_server_config: {cert_file: weak.pem, key_file: weak.key}\n",
       "security level 2"},
      {"weak_signature", "tls_server_config: {cert_file: sha1.pem, key_file: sha1.key}\n",
       "security level 2"},
      {"versions_crossed", Tls("  min_version: TLS13\n  max_version: TLS12\n"),
       "no handshake could succeed"},
      {"only_old_versions", Tls("  min_version: TLS10\n  max_version: TLS11\n"),
       "neither is spoken"},
      {"ciphers_of_13_only_for_12",
       Tls("  max_version: TLS12\n  cipher_suites: [TLS_AES_128_GCM_SHA256]\n"),
       "no handshake could succeed"},
      {"nothing_to_protect", "tls_server_config:\n  min_version: TLS13\n",
       "whoever writes that does not expect plain HTTP"},
      {"null_name", Tls("  client_ca_file:\n"), "nothing is no path"},
      {"null_header", Headers("    X-XSS-Protection:\n"), "nothing is no text"},
      {"header_of_two_lines", Headers("    Content-Security-Policy: \"a\\r\\nServer: b\"\n"),
       "a line break would begin another header"},
      {"alias", "basic_auth_users: {alice: &hash " + std::string(test::kHash) + ", bob: *hash}\n",
       "no anchors, as in the main configuration"},
      {"colon_in_user", "basic_auth_users: {'a:b': " + std::string(test::kHash) + "}\n",
       "nobody could log in"},
      {"kind_2x", Users("$2x$10$" + kTail), "made by a broken bcrypt"},
      {"foreign_letters", Users("$2y$10$" + std::string(53, '=')), "no password could match"},
      {"long", Users("$2y$10$a" + kTail), "no password could match"},
  };
}

std::filesystem::path Promtool() {
  std::istringstream folders(std::string(std::getenv("PATH")) + ":" + ACRONIS_SOURCE_ROOT +
                             "/build/tools/prometheus/usr/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const auto program = std::filesystem::path(folder) / "promtool";
    if (access(program.c_str(), X_OK) == 0) {
      return program;
    }
  }
  return {};
}

/// What `command` prints, errors included.
std::string OutputOf(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(
      popen((command + " 2>&1").c_str(), "r"), pclose);
  std::string output;
  std::array<char, 4096> part{};
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), pipe.get())) {
    output.append(part.data(), size);
  }
  return output;
}

class WebConfigOracle : public ::testing::Test {
 protected:
  /// Writes the fixtures down and has Prometheus judge all of them in one go.
  void Judge(const std::vector<Fixture>& fixtures) {
    std::string command = Promtool().string() + " check web-config";
    for (const Fixture& fixture : fixtures) {
      command += " " + files_.Write(fixture.name + ".yml", fixture.text).string();
    }
    output_ = OutputOf(command);
  }
  bool TheyAccept(const Fixture& fixture) const {
    const std::string path = (files_.Path() / (fixture.name + ".yml")).string();
    const bool good = output_.find(path + " SUCCESS") != std::string::npos;
    const bool bad = output_.find(path + " FAILED") != std::string::npos;
    EXPECT_NE(good, bad) << fixture.name << ": no verdict in\n" << output_;
    return good;
  }
  Result<WebConfig> Ours(const Fixture& fixture) const {
    return LoadWebConfig(files_.Path() / (fixture.name + ".yml"));
  }

  test::WebFiles files_;
  std::string output_;
};

TEST_F(WebConfigOracle, JudgesAsWeDo) {
  ASSERT_FALSE(Promtool().empty()) << "promtool is missing; ./tests/run provides it";
  for (const auto& fixtures : {TlsFixtures(), OtherFixtures()}) {
    Judge(fixtures);
    for (const Fixture& fixture : fixtures) {
      const auto ours = Ours(fixture);
      EXPECT_EQ(static_cast<bool>(ours), TheyAccept(fixture))
          << fixture.name << ": " << (ours ? "we accept it" : ours.error().message);
    }
  }
}

TEST_F(WebConfigOracle, AcceptsWhatWeRefuseForAReason) {
  ASSERT_FALSE(Promtool().empty()) << "promtool is missing; ./tests/run provides it";
  const auto fixtures = Differences();
  Judge(fixtures);
  for (const Fixture& fixture : fixtures) {
    EXPECT_FALSE(Ours(fixture)) << fixture.name << ": " << fixture.difference;
    EXPECT_TRUE(TheyAccept(fixture)) << fixture.name << " is no difference any more";
  }
}

}  // namespace
}  // namespace acronis::exporter
