#include "exporter/web/tls/client_check.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <memory>
#include <openssl/x509v3.h>
#include <string_view>
#include <utility>

#include "exporter/config/pem.h"
#include "plugin/core/free_with.h"

namespace acronis::exporter {
namespace {

using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;

std::string_view BytesOf(const ASN1_STRING& text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(&text)),
          static_cast<std::size_t>(ASN1_STRING_length(&text))};
}

/// As Go prints it: an IPv4 address in IPv6 clothes is one.
std::string AddressText(std::string_view bytes) {
  constexpr std::size_t kV4 = 4;
  constexpr std::size_t kV6 = 16;
  constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xFF\xFF", kV6 - kV4);
  if (bytes.size() == kV6 && bytes.starts_with(kMapped)) {
    bytes.remove_prefix(kMapped.size());
  }
  if (bytes.size() != kV4 && bytes.size() != kV6) {
    return "";
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = bytes.size() == kV4 ? AF_INET : AF_INET6;
  return inet_ntop(family, bytes.data(), text.data(), text.size()) == nullptr ? "" : text.data();
}

std::string TextOf(const GENERAL_NAME& name) {
  int type = 0;
  const void* const value = GENERAL_NAME_get0_value(&name, &type);
  if (type != GEN_DNS && type != GEN_EMAIL && type != GEN_URI && type != GEN_IPADD) {
    return "";
  }
  const std::string_view bytes = BytesOf(*static_cast<const ASN1_STRING*>(value));
  return type == GEN_IPADD ? AddressText(bytes) : std::string(bytes);
}

bool HasAllowedName(const X509& certificate, const std::vector<std::string>& allowed) {
  return std::ranges::any_of(SubjectNames(certificate), [&](const std::string& name) {
    return std::ranges::find(allowed, name) != allowed.end();
  });
}

// NOLINTNEXTLINE(readability-function-size): the parameters are OpenSSL's.
void FreeCheck(void* /*parent*/, void* check, CRYPTO_EX_DATA* /*data*/, int /*index*/,
               long /*argument*/, void* /*pointer*/) {
  delete static_cast<ClientCheck*>(check);
}

/// Where a context keeps its check.
int CheckIndex() {
  static const int index =
      CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, nullptr, nullptr, nullptr, FreeCheck);
  return index;
}

/// In the place of OpenSSL's own verification; only called when a certificate came.
int Verify(X509_STORE_CTX* chain, void* /*argument*/) {
  const auto* const connection = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto& check = *static_cast<const ClientCheck*>(
      SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), CheckIndex()));
  const bool verifies =
      check.auth == ClientAuth::kVerifyIfGiven || check.auth == ClientAuth::kRequireAndVerify;
  if (verifies && X509_verify_cert(chain) != 1) {
    return 0;
  }
  if (!check.allowed_sans.empty() &&
      !HasAllowedName(*X509_STORE_CTX_get0_cert(chain), check.allowed_sans)) {
    X509_STORE_CTX_set_error(chain, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
  }
  X509_STORE_CTX_set_error(chain, X509_V_OK);
  return 1;
}

int ModeOf(ClientAuth auth) {
  switch (auth) {
    case ClientAuth::kNone:
      return SSL_VERIFY_NONE;
    case ClientAuth::kRequest:
    case ClientAuth::kVerifyIfGiven:
      return SSL_VERIFY_PEER;
    case ClientAuth::kRequireAny:
    case ClientAuth::kRequireAndVerify:
      return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
}

/// Trusts the certificates of the text, and names them to clients that have several to choose from.
Status Trust(const std::string& ca, SSL_CTX& context) {
  const Result<std::vector<CertificatePtr>> certificates = ReadCertificates(ca);
  if (!certificates) {
    return Error{ErrorKind::kTls, "the client CA: " + certificates.error().message};
  }
  X509_STORE* const store = SSL_CTX_get_cert_store(&context);
  for (const CertificatePtr& certificate : *certificates) {
    if (X509_STORE_add_cert(store, certificate.get()) != 1 ||
        SSL_CTX_add_client_CA(&context, certificate.get()) != 1) {
      return Error{ErrorKind::kTls, "the client CA was refused by OpenSSL"};
    }
  }
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  return Ok{};
}

}  // namespace

std::vector<std::string> SubjectNames(const X509& certificate) {
  const GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> texts;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-cstyle-cast): the cast is inside OpenSSL's macro.
  const int count = names == nullptr ? 0 : sk_GENERAL_NAME_num(names.get());
  for (int index = 0; index < count; ++index) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-cstyle-cast): the cast is inside OpenSSL's macro.
    if (std::string text = TextOf(*sk_GENERAL_NAME_value(names.get(), index)); !text.empty()) {
      texts.push_back(std::move(text));
    }
  }
  return texts;
}

Status ApplyClientCheck(ClientCheck check, SSL_CTX& context) {
  if (check.auth == ClientAuth::kNone) {
    return Ok{};
  }
  if (!check.ca.empty()) {
    if (Status trusted = Trust(check.ca, context); !trusted) {
      return trusted;
    }
  }
  SSL_CTX_set_verify(&context, ModeOf(check.auth), nullptr);
  auto owned = std::make_unique<ClientCheck>(std::move(check));
  if (SSL_CTX_set_ex_data(&context, CheckIndex(), owned.get()) != 1) {
    return Error{ErrorKind::kTls, "no memory for the check of clients"};
  }
  // The context frees it from here on.
  static_cast<void>(owned.release());
  SSL_CTX_set_cert_verify_callback(&context, Verify, nullptr);
  return Ok{};
}

}  // namespace acronis::exporter
