#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace acronis::simulator {

/// Files of a certificate authority made on the spot and of a server certificate it signed.
struct CertificateFiles {
  std::filesystem::path ca;
  std::filesystem::path certificate;
  std::filesystem::path key;
  /// Certificates for the same key that no client may trust, by what is wrong with them:
  /// `expired`, `not_yet_valid`, `self_signed`, `unknown_ca`, `wrong_host`.
  std::map<std::string, std::filesystem::path> flawed;
  /// One for a key that is too small, and that key.
  std::filesystem::path weak;
};

/// Writes `ca.pem`, `server.pem`, `server.key` and the flawed certificates (`expired.pem`, ...)
/// into `directory`, replacing older ones. The certificate is for localhost, 127.0.0.1, ::1 and
/// `address`. Keys are P-256, but for the weak one; files of the server's keys are readable by
/// their owner only, the authority's is thrown away: nobody can sign again. Throws
/// std::runtime_error naming what failed.
CertificateFiles MakeCertificates(const std::filesystem::path& directory,
                                  const std::string& address);

}  // namespace acronis::simulator
