#include "tests/fakes/test_pki.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
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
using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

void Require(bool holds, const char* what) {
  if (!holds) {
    throw std::runtime_error(std::string("test PKI: ") + what);
  }
}

Key MakeKey(const std::string& kind = "P-256") {
  constexpr const char* kRsa = "RSA-";
  const bool rsa = kind.starts_with(kRsa);
  Key key(rsa ? EVP_RSA_gen(static_cast<unsigned>(std::stoul(kind.substr(4))))
              : EVP_EC_gen(kind.c_str()),
          EVP_PKEY_free);
  Require(key != nullptr, "key");
  return key;
}

void AddExtension(X509* certificate, int nid, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  Require(extension != nullptr, "extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate MakeCertificate(EVP_PKEY* key, const std::string& name, const PemTraits& traits) {
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

void SignWith(X509* certificate, X509_NAME* issuer, EVP_PKEY* key,
              const std::string& digest = "SHA256") {
  X509_set_issuer_name(certificate, issuer);
  Require(X509_sign(certificate, key, EVP_get_digestbyname(digest.c_str())) > 0, "signature");
}

File OpenFile(const std::filesystem::path& path, const char* mode) {
  File file(std::fopen(path.c_str(), mode), std::fclose);
  Require(file != nullptr, "file");
  return file;
}

std::string Contents(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string Encode(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()), BIO_free_all);
  Require(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "encoded key");
  return Contents(bio.get());
}

std::string Encode(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()), BIO_free_all);
  Require(PEM_write_bio_X509(bio.get(), certificate) == 1, "encoded certificate");
  return Contents(bio.get());
}

void Write(const std::filesystem::path& path, const std::string& text) {
  Require(std::fputs(text.c_str(), OpenFile(path, "w").get()) >= 0, "written file");
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
  Write(directory_ / "ca.key", Encode(key.get()));
  Write(CaFile(), Encode(ca.get()));
}

TestPki::~TestPki() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

PemPair TestPki::Issue(const PemTraits& traits) const {
  const Key key = MakeKey(traits.key);
  const Certificate leaf = MakeCertificate(key.get(), "leaf", traits);
  AddExtension(leaf.get(), NID_subject_alt_name, traits.names);
  if (!traits.usage.empty()) {
    AddExtension(leaf.get(), NID_ext_key_usage, traits.usage);
  }
  const Certificate ca(PEM_read_X509(OpenFile(CaFile(), "r").get(), nullptr, nullptr, nullptr),
                       X509_free);
  const Key ca_key(
      PEM_read_PrivateKey(OpenFile(directory_ / "ca.key", "r").get(), nullptr, nullptr, nullptr),
      EVP_PKEY_free);
  const Certificate& issuer = traits.signed_by_ca ? ca : leaf;
  SignWith(leaf.get(), X509_get_subject_name(issuer.get()),
           traits.signed_by_ca ? ca_key.get() : key.get(), traits.digest);
  return {Encode(leaf.get()), Encode(key.get())};
}

std::string TestPki::CaPem() const {
  std::ifstream file(CaFile());
  return {std::istreambuf_iterator<char>(file), {}};
}

Poco::Net::Context::Ptr TestPki::ServerContext(const CertificateTraits& traits) const {
  const PemPair pair = Issue(
      {.names = "DNS:" + traits.dns_name + (traits.dns_name == "localhost" ? ",IP:127.0.0.1" : ""),
       .valid_from_seconds = traits.valid_from_seconds,
       .valid_to_seconds = traits.valid_to_seconds,
       .signed_by_ca = traits.signed_by_ca});
  const auto certificate_file = directory_ / "server.pem";
  const auto key_file = directory_ / "server.key";
  Write(certificate_file, pair.certificate);
  Write(key_file, pair.key);
  return new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, key_file.string(),
                                certificate_file.string(), "", Poco::Net::Context::VERIFY_NONE);
}

}  // namespace acronis::fakes
