#include "tests/fakes/test_pki.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdexcept>

namespace acronis::fakes {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

void Require(bool holds, const char* what) {
  if (!holds) {
    throw std::runtime_error(std::string("test PKI: ") + what);
  }
}

Key MakeKey() {
  Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  Require(key != nullptr, "key");
  return key;
}

void AddExtension(X509* certificate, int nid, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  Require(extension != nullptr, "extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate MakeCertificate(EVP_PKEY* key, const std::string& name,
                            const CertificateTraits& traits) {
  static std::atomic<long> serial{1};
  Certificate certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), traits.valid_from_seconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), traits.valid_to_seconds);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text, -1, -1, 0);
  return certificate;
}

void SignWith(X509* certificate, X509_NAME* issuer, EVP_PKEY* key) {
  X509_set_issuer_name(certificate, issuer);
  Require(X509_sign(certificate, key, EVP_sha256()) > 0, "signature");
}

File OpenFile(const std::filesystem::path& path, const char* mode) {
  File file(std::fopen(path.c_str(), mode), std::fclose);
  Require(file != nullptr, "file");
  return file;
}

void WriteKey(const std::filesystem::path& path, EVP_PKEY* key) {
  Require(PEM_write_PrivateKey(OpenFile(path, "w").get(), key, nullptr, nullptr, 0, nullptr,
                               nullptr) == 1,
          "key file");
}

void WriteCertificate(const std::filesystem::path& path, X509* certificate) {
  Require(PEM_write_X509(OpenFile(path, "w").get(), certificate) == 1, "certificate file");
}

}  // namespace

TestPki::TestPki() {
  std::string pattern = (std::filesystem::temp_directory_path() / "pki-XXXXXX").string();
  Require(mkdtemp(pattern.data()) != nullptr, "directory");
  directory_ = pattern;
  const Key key = MakeKey();
  const Certificate ca = MakeCertificate(key.get(), "Test CA", {});
  AddExtension(ca.get(), NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  SignWith(ca.get(), X509_get_subject_name(ca.get()), key.get());
  WriteKey(directory_ / "ca.key", key.get());
  WriteCertificate(CaFile(), ca.get());
}

TestPki::~TestPki() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

Poco::Net::Context::Ptr TestPki::ServerContext(const CertificateTraits& traits) const {
  const Key key = MakeKey();
  const Certificate leaf = MakeCertificate(key.get(), traits.dns_name, traits);
  AddExtension(leaf.get(), NID_subject_alt_name,
               "DNS:" + traits.dns_name + (traits.dns_name == "localhost" ? ",IP:127.0.0.1" : ""));
  const Certificate ca(PEM_read_X509(OpenFile(CaFile(), "r").get(), nullptr, nullptr, nullptr),
                       X509_free);
  const Key ca_key(
      PEM_read_PrivateKey(OpenFile(directory_ / "ca.key", "r").get(), nullptr, nullptr, nullptr),
      EVP_PKEY_free);
  if (traits.signed_by_ca) {
    SignWith(leaf.get(), X509_get_subject_name(ca.get()), ca_key.get());
  } else {
    SignWith(leaf.get(), X509_get_subject_name(leaf.get()), key.get());
  }
  const auto certificate_file = directory_ / "server.pem";
  const auto key_file = directory_ / "server.key";
  WriteCertificate(certificate_file, leaf.get());
  WriteKey(key_file, key.get());
  return new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, key_file.string(),
                                certificate_file.string(), "", Poco::Net::Context::VERIFY_NONE);
}

}  // namespace acronis::fakes
