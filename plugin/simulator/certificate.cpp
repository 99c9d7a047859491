#include "plugin/simulator/certificate.h"

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <memory>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdexcept>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "plugin/core/free_with.h"

namespace acronis::simulator {

namespace {

using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using Bio = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;

constexpr long kHour = 3600;
constexpr long kDay = 24 * kHour;

void Require(bool success, const char* what) {
  if (!success) {
    throw std::runtime_error(std::string("cannot make a certificate: ") + what);
  }
}

Key MakeKey() {
  Key key(EVP_EC_gen("P-256"));
  Require(key != nullptr, "key generation failed");
  return key;
}

/// Small enough to be refused, large enough for a handshake.
Key MakeWeakKey() {
  constexpr unsigned kBits = 1024;
  Key key(EVP_RSA_gen(kBits));
  Require(key != nullptr, "key generation failed");
  return key;
}

void AddExtension(X509& certificate, X509& issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  Require(extension != nullptr && X509_add_ext(&certificate, extension.get(), -1) == 1, value);
}

Certificate StartCertificate(EVP_PKEY& key, const char* name) {
  Certificate certificate(X509_new());
  Require(certificate != nullptr, "out of memory");
  std::int64_t serial = 0;
  Require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "no entropy");
  constexpr std::int64_t kPositive = 0x7fffffffffffffff;
  ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate.get()), serial & kPositive);
  X509_set_version(certificate.get(), X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kHour);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 365 * kDay);
  X509_set_pubkey(certificate.get(), &key);
  std::string text(name);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(text.data()),
                             static_cast<int>(text.size()), -1, 0);
  return certificate;
}

void Sign(X509& certificate, X509& issuer, EVP_PKEY& key) {
  X509_set_issuer_name(&certificate, X509_get_subject_name(&issuer));
  Require(X509_sign(&certificate, &key, EVP_sha256()) > 0, "signing failed");
}

Certificate MakeAuthority(EVP_PKEY& key) {
  Certificate authority = StartCertificate(key, "Simulated Task Manager CA");
  AddExtension(*authority, *authority, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  AddExtension(*authority, *authority, NID_key_usage, "critical,keyCertSign,cRLSign");
  AddExtension(*authority, *authority, NID_subject_key_identifier, "hash");
  Sign(*authority, *authority, key);
  return authority;
}

/// A pair that signs.
struct Signer {
  Key key;
  Certificate certificate;
};

Signer MakeSigner() {
  Key key = MakeKey();
  Certificate certificate = MakeAuthority(*key);
  return {std::move(key), std::move(certificate)};
}

/// What a server's certificate says of itself.
struct Claims {
  std::string names;
  long valid_from = -kHour;  ///< Seconds from now.
  long valid_to = 365 * kDay;
};

/// Signed by `signer`; by its own key if there is none.
Certificate MakeServer(EVP_PKEY& key, const Signer* signer, const Claims& claims) {
  Certificate server = StartCertificate(key, "localhost");
  X509_gmtime_adj(X509_getm_notBefore(server.get()), claims.valid_from);
  X509_gmtime_adj(X509_getm_notAfter(server.get()), claims.valid_to);
  X509& authority = signer != nullptr ? *signer->certificate : *server;
  EVP_PKEY& authority_key = signer != nullptr ? *signer->key : key;
  AddExtension(*server, authority, NID_basic_constraints, "critical,CA:FALSE");
  AddExtension(*server, authority, NID_key_usage, "critical,digitalSignature");
  AddExtension(*server, authority, NID_ext_key_usage, "serverAuth");
  AddExtension(*server, authority, NID_subject_alt_name, claims.names.c_str());
  if (signer != nullptr) {
    AddExtension(*server, authority, NID_authority_key_identifier, "keyid");
  }
  Sign(*server, authority, authority_key);
  return server;
}

std::string Contents(BIO& bio) {
  char* data = nullptr;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-cstyle-cast): the cast is inside OpenSSL's macro.
  const long size = BIO_get_mem_data(&bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

void WriteFile(const std::filesystem::path& path, const std::string& text, mode_t mode) {
  std::filesystem::remove(path);  // An older file may have wider rights.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): the rights come with the creation.
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  const bool written =
      file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  if (file >= 0) {
    ::close(file);
  }
  if (!written) {
    throw std::runtime_error("cannot write " + path.string() + ": " +
                             std::generic_category().message(error));
  }
}

std::string NamesFor(const std::string& address) {
  std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  if (address != "127.0.0.1" && address != "::1") {
    names += ",IP:" + address;
  }
  return names;
}

std::string Encode(X509& certificate) {
  const Bio text(BIO_new(BIO_s_mem()));
  Require(PEM_write_bio_X509(text.get(), &certificate) == 1, "encoding failed");
  return Contents(*text);
}

std::string Encode(EVP_PKEY& key) {
  const Bio text(BIO_new(BIO_s_mem()));
  Require(PEM_write_bio_PrivateKey(text.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "encoding failed");
  return Contents(*text);
}

void WriteCertificate(const std::filesystem::path& path, X509& certificate) {
  WriteFile(path, Encode(certificate), 0644);
}

std::map<std::string, Certificate> MakeFlawed(EVP_PKEY& key, const Signer& authority,
                                              const std::string& names) {
  const Signer unknown = MakeSigner();
  std::map<std::string, Certificate> flawed;
  flawed["expired"] =
      MakeServer(key, &authority, {.names = names, .valid_from = -2 * kDay, .valid_to = -kHour});
  flawed["not_yet_valid"] =
      MakeServer(key, &authority, {.names = names, .valid_from = kDay, .valid_to = 2 * kDay});
  flawed["self_signed"] = MakeServer(key, nullptr, {.names = names});
  flawed["unknown_ca"] = MakeServer(key, &unknown, {.names = names});
  flawed["wrong_host"] = MakeServer(key, &authority, {.names = "DNS:elsewhere.invalid"});
  return flawed;
}

}  // namespace

CertificateFiles MakeCertificates(const std::filesystem::path& directory,
                                  const std::string& address) {
  std::filesystem::create_directories(directory);
  const Signer authority = MakeSigner();
  const Key key = MakeKey();
  const std::string names = NamesFor(address);

  CertificateFiles files{directory / "ca.pem",
                         directory / "server.pem",
                         directory / "server.key",
                         {},
                         directory / "weak.pem"};
  WriteCertificate(files.ca, *authority.certificate);
  WriteCertificate(files.certificate, *MakeServer(*key, &authority, {.names = names}));
  WriteFile(files.key, Encode(*key), 0600);
  const Key weak = MakeWeakKey();
  WriteFile(files.weak, Encode(*MakeServer(*weak, &authority, {.names = names})) + Encode(*weak),
            0600);
  for (const auto& [flaw, certificate] : MakeFlawed(*key, authority, names)) {
    files.flawed[flaw] = directory / (flaw + ".pem");
    WriteCertificate(files.flawed[flaw], *certificate);
  }
  return files;
}

}  // namespace acronis::simulator
