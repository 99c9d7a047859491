#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace acronis::exporter {

/// In rising order.
enum class TlsVersion { kTls10, kTls11, kTls12, kTls13 };

/// What is asked of clients, as Go's crypto/tls has it.
enum class ClientAuth {
  kNone,              ///< No certificate is asked for.
  kRequest,           ///< Asked for; any, or none.
  kRequireAny,        ///< One must come, whoever signed it.
  kVerifyIfGiven,     ///< One that comes must be signed by the client CA.
  kRequireAndVerify,  ///< One must come, signed by the client CA.
};

/// A name that a configuration may use, and what it stands for.
template <typename T>
struct Named {
  std::string_view name;
  T value;
};

inline constexpr auto kTlsVersions =
    std::to_array<Named<TlsVersion>>({{"TLS10", TlsVersion::kTls10},
                                      {"TLS11", TlsVersion::kTls11},
                                      {"TLS12", TlsVersion::kTls12},
                                      {"TLS13", TlsVersion::kTls13}});

inline constexpr auto kClientAuths = std::to_array<Named<ClientAuth>>(
    {{"NoClientCert", ClientAuth::kNone},
     {"RequestClientCert", ClientAuth::kRequest},
     {"RequireAnyClientCert", ClientAuth::kRequireAny},
     {"RequireClientCert", ClientAuth::kRequireAny},  // The old spelling.
     {"VerifyClientCertIfGiven", ClientAuth::kVerifyIfGiven},
     {"RequireAndVerifyClientCert", ClientAuth::kRequireAndVerify}});

/// Go's names and OpenSSL's. Those of TLS 1.3 are the same in both: Go accepts them in a list, but
/// they cannot be chosen.
inline constexpr auto kCipherSuites = std::to_array<Named<std::string_view>>(
    {{"TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"},
     {"TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"},
     {"TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256"},
     {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
     {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
     {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
     {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
     {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"},
     {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"},
     {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"},
     {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
     {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"},
     {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"},
     {"TLS_RSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256"},
     {"TLS_RSA_WITH_AES_256_GCM_SHA384", "AES256-GCM-SHA384"},
     {"TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA"},
     {"TLS_RSA_WITH_AES_256_CBC_SHA", "AES256-SHA"}});

/// Whether a cipher suite, by OpenSSL's name, is one of TLS 1.3.
constexpr bool IsOfTls13(std::string_view cipher) {
  for (const Named<std::string_view>& suite : kCipherSuites) {
    if (suite.value == cipher) {
      return suite.name == suite.value;
    }
  }
  return false;
}

/// Go's names and OpenSSL's.
inline constexpr auto kCurves = std::to_array<Named<std::string_view>>(
    {{"CurveP256", "P-256"}, {"CurveP384", "P-384"}, {"CurveP521", "P-521"}, {"X25519", "X25519"}});

template <typename T>
std::optional<T> ValueOf(std::span<const Named<T>> table, std::string_view name) {
  for (const Named<T>& row : table) {
    if (row.name == name) {
      return row.value;
    }
  }
  return std::nullopt;
}

/// Every name of a table, `A, B, C`, for messages.
template <typename T>
std::string NamesOf(std::span<const Named<T>> table) {
  std::string names;
  for (const Named<T>& row : table) {
    names += (names.empty() ? "" : ", ") + std::string(row.name);
  }
  return names;
}

}  // namespace acronis::exporter
