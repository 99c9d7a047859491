#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "tests/fakes/temporary_folder.h"
#include "tests/fakes/test_pki.h"

namespace acronis::test {

/// A bcrypt hash of `secret`, cost 4.
inline constexpr const char* kHash = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

/// A folder with the certificates and keys that web configurations of tests name.
class WebFiles {
 public:
  WebFiles() {
    WritePair("server", pki_.Issue());
    WritePair("client", pki_.Issue({.usage = "clientAuth"}));
    WritePair("weak", pki_.Issue({.key = "RSA-1024"}));
    WritePair("sha1", pki_.Issue({.digest = "SHA1"}));
    Write("ca.pem", pki_.CaPem());
    Write("junk.pem", "this is no certificate\n");
    const std::string good = Read("server.pem");
    Write("damaged.pem", good + good.substr(0, good.size() / 2) + "\n-----END CERTIFICATE-----\n");
    Write("encrypted.key", kEncrypted);
  }

  const std::filesystem::path& Path() const { return folder_.Path(); }
  const fakes::TestPki& Pki() const { return pki_; }

  std::filesystem::path Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path() / name, std::ios::binary) << text;
    return Path() / name;
  }
  void WritePair(const std::string& name, const fakes::PemPair& pair) const {
    Write(name + ".pem", pair.certificate);
    Write(name + ".key", pair.key);
  }
  std::string Read(const std::string& name) const {
    std::ifstream file(Path() / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  /// The file as the lines of a YAML block below a key of `tls_server_config`.
  std::string Inline(const std::string& name) const {
    std::istringstream lines(Read(name));
    std::string block;
    for (std::string line; std::getline(lines, line);) {
      block += "    " + line + "\n";
    }
    return block;
  }

 private:
  // Made for nobody: it only has to be encrypted. In pieces, as it is no key to be found here.
  static constexpr const char* kEncrypted =
      "-----BEGIN ENCRYPTED PRIVATE "
      "KEY-----\n"
      "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhIafOD/VyIVwICCAAw\n"
      "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEPV1qExXsaQN6t4dAivK8LQEgZA2\n"
      "E70/mRrPcQKDGwt24u/By7IRs88GuSxwVLedHVtVukpcEWYrO3tveTtJM0Q1zTgC\n"
      "7F8sNsGGpgePvqIF/7PWH8O0bWOI+S2AC2Axz+jGXhCwTaRSuvV044XtZTLywVpo\n"
      "t4n+qu3ziAtkbbCmDXEh29U5+lnFRU7aeVxm7TbPHIhUmVaK/o9K55yEvKjIBHE=\n"
      "-----END ENCRYPTED PRIVATE "
      "KEY-----\n";

  TemporaryFolder folder_;
  fakes::TestPki pki_;
};

}  // namespace acronis::test
