#pragma once

#include <filesystem>
#include <string>

#include <Poco/Net/Context.h>

namespace acronis::fakes {

/// What is wrong with a certificate, if anything.
struct CertificateTraits {
  std::string dns_name = "localhost";  ///< 127.0.0.1 is added when it is `localhost`.
  long valid_from_seconds = -3600;     ///< From now.
  long valid_to_seconds = 24L * 3600;
  bool signed_by_ca = true;  ///< Else it signs itself.
};

/// What a certificate in PEM form says.
struct PemTraits {
  std::string names = "DNS:localhost,IP:127.0.0.1";  ///< As OpenSSL writes subjectAltName.
  std::string usage{};                               ///< `clientAuth`; empty: nothing is said.
  std::string key = "P-256";                         ///< A curve, or `RSA-` and its bits.
  std::string digest = "SHA256";
  long valid_from_seconds = -3600;  ///< From now.
  long valid_to_seconds = 24L * 3600;
  bool signed_by_ca = true;  ///< Else it signs itself.
};

/// A certificate and its key, both in PEM form.
struct PemPair {
  std::string certificate;
  std::string key;
};

/// A certificate authority for tests, in a directory of its own that goes with it.
class TestPki {
 public:
  TestPki();
  ~TestPki();
  TestPki(const TestPki&) = delete;
  TestPki& operator=(const TestPki&) = delete;

  /// The CA's certificate (PEM).
  std::filesystem::path CaFile() const { return directory_ / "ca.pem"; }
  std::filesystem::path Directory() const { return directory_; }

  /// A server's context with a fresh certificate.
  Poco::Net::Context::Ptr ServerContext(const CertificateTraits& traits = {}) const;

  /// A fresh certificate with a fresh key.
  PemPair Issue(const PemTraits& traits = {}) const;
  /// The CA's certificate as a text in PEM form.
  std::string CaPem() const;

 private:
  std::filesystem::path directory_;
};

}  // namespace acronis::fakes
