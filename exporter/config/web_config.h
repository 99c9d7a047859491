#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/config/tls_names.h"
#include "plugin/core/result.h"
#include "plugin/core/secret.h"

namespace acronis::exporter {

/// Largest web configuration file, and largest certificate or key file, that is read.
inline constexpr std::size_t kMaxWebConfigBytes = std::size_t{1} << 20U;

/// How to speak TLS. Certificate and key fit each other, and every text can be parsed.
struct TlsOptions {
  std::string certificates{};  ///< PEM, the server's own first.
  Secret key{};                ///< PEM.
  std::string client_ca{};     ///< PEM; empty when nobody's certificate is verified.
  ClientAuth client_auth = ClientAuth::kNone;
  /// DNS names, IP addresses, e-mail addresses and URIs, one of which a client's certificate must
  /// hold. Empty: any will do.
  std::vector<std::string> client_allowed_sans{};
  TlsVersion min_version = TlsVersion::kTls12;
  TlsVersion max_version = TlsVersion::kTls13;
  std::vector<std::string_view> cipher_suites{};  ///< OpenSSL's names; empty: the secure ones.
  std::vector<std::string_view> curves{};         ///< OpenSSL's names; empty: all.
  bool prefer_server_cipher_suites = true;
};

/// How many requests are answered. An interval of 0: all of them.
struct RateLimitOptions {
  std::chrono::nanoseconds interval{0};  ///< One request more is answered each interval.
  int burst = 0;  ///< This many may come at once. At least 1 with an interval.

  bool operator==(const RateLimitOptions&) const = default;
};

/// What `--web.config.file` says: the file format of the Go exporter-toolkit.
struct WebConfig {
  std::optional<TlsOptions> tls{};  ///< Empty: plain HTTP.
  bool http2 = true;                ///< Accepted for the sake of the format; there is no HTTP/2.
  /// Added to every response, in the order of the file. Names are among the five accepted ones,
  /// values are printable.
  std::vector<std::pair<std::string, std::string>> headers{};
  /// User to bcrypt hash. Empty: no authentication.
  std::map<std::string, Secret, std::less<>> basic_auth_users{};
  RateLimitOptions rate_limit{};
  bool empty = false;  ///< Nothing is written in the file.
};

/// What came of reading, and every file that has to do with it: the web configuration itself
/// first, then those it names, readable or not.
struct WebConfigReading {
  Result<WebConfig> config;
  std::vector<std::filesystem::path> files{};
};

/// Reads the YAML file `path` and everything it names, and checks all of it. Relative paths in it
/// start at its own folder.
///
/// The error's message has one problem a line, `FILE:LINE: KEY: ...`, and never a hash or a key.
WebConfigReading ReadWebConfig(const std::filesystem::path& path);

/// The same for a text that was read already. `path` names it in messages and gives the folder.
WebConfigReading ParseWebConfig(const std::string& text, const std::filesystem::path& path);

/// ReadWebConfig() for who does not care about the files.
Result<WebConfig> LoadWebConfig(const std::filesystem::path& path);

/// Every key the file may have; for the check of the documentation.
std::set<std::string> KnownWebConfigKeys();

}  // namespace acronis::exporter
