#pragma once

#include <memory>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/core/free_with.h"
#include "plugin/core/result.h"
#include "plugin/core/secret.h"

namespace acronis::exporter {

using CertificatePtr = std::unique_ptr<X509, FreeWith<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;

/// The certificates of a text in PEM form, in its order; other blocks are passed over. An error
/// when there is none or one is damaged. The message says neither where the text came from nor
/// what is in it; so do those below.
Result<std::vector<CertificatePtr>> ReadCertificates(std::string_view pem);

/// The first private key of a text in PEM form. One that is encrypted is refused: nobody could be
/// asked for its password.
Result<KeyPtr> ReadPrivateKey(const Secret& pem);

/// Ok when `key` is the one that `certificate` speaks of.
Status CheckPair(const X509& certificate, const EVP_PKEY& key);

/// Ok when the key and the signature of `certificate` have the strength of OpenSSL's security
/// level 2: RSA of 2048 bits, elliptic curves of 224, SHA-224.
Status CheckStrength(const X509& certificate);

}  // namespace acronis::exporter
