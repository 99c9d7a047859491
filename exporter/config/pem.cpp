#include "exporter/config/pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <utility>

namespace acronis::exporter {
namespace {

/// What security level 2 asks for.
constexpr int kLeastSecurityBits = 112;

using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;

Error Unusable(std::string message) {
  ERR_clear_error();
  return {ErrorKind::kInvalidArgument, std::move(message)};
}

BioPtr Over(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// Instead of OpenSSL's own, which would ask on the terminal.
int NoPassword(char* /*buffer*/, int /*size*/, int /*writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

/// A text without any further block ends like this.
bool AtEnd(unsigned long error) {
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

}  // namespace

Result<std::vector<CertificatePtr>> ReadCertificates(std::string_view pem) {
  std::vector<CertificatePtr> certificates;
  const BioPtr source = Over(pem);
  ERR_clear_error();
  while (CertificatePtr next{PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr)}) {
    certificates.push_back(std::move(next));
  }
  if (!AtEnd(ERR_peek_last_error())) {
    return Unusable("certificate " + std::to_string(certificates.size() + 1) +
                    " in it is damaged (must be in PEM form)");
  }
  if (certificates.empty()) {
    return Unusable("there is no certificate in it (must be in PEM form)");
  }
  ERR_clear_error();
  return certificates;
}

Result<KeyPtr> ReadPrivateKey(const Secret& pem) {
  const BioPtr source = Over(pem.Reveal());
  bool asked = false;
  ERR_clear_error();
  KeyPtr key(PEM_read_bio_PrivateKey(source.get(), nullptr, NoPassword, &asked));
  if (key != nullptr) {
    ERR_clear_error();
    return key;
  }
  if (asked) {
    return Unusable("the private key in it is encrypted: must be without a password");
  }
  return Unusable("there is no usable private key in it (must be in PEM form)");
}

Status CheckPair(const X509& certificate, const EVP_PKEY& key) {
  if (X509_check_private_key(&certificate, &key) != 1) {
    return Unusable("is not the private key of the certificate");
  }
  return Ok{};
}

Status CheckStrength(const X509& certificate) {
  // Borrowed from the certificate.
  const EVP_PKEY* const key = X509_get0_pubkey(&certificate);
  if (key == nullptr || EVP_PKEY_get_security_bits(key) < kLeastSecurityBits) {
    return Unusable("a key in it is too weak: RSA needs 2048 bits at least, a curve 224");
  }
  CertificatePtr copy(X509_dup(&certificate));
  int bits = 0;
  if (copy == nullptr ||
      X509_get_signature_info(copy.get(), nullptr, nullptr, &bits, nullptr) != 1) {
    return Unusable("a signature in it is of no known kind");
  }
  // Nobody relies on the signature of what signs itself.
  const bool self_signed = (X509_get_extension_flags(copy.get()) & EXFLAG_SS) != 0;
  if (!self_signed && bits < kLeastSecurityBits) {
    return Unusable("a signature in it is too weak: SHA-256 or better is accepted");
  }
  return Ok{};
}

}  // namespace acronis::exporter
