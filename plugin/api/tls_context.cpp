#include "plugin/api/tls_context.h"

#include <algorithm>
#include <exception>
#include <map>
#include <mutex>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace acronis::api {
namespace {

thread_local std::string verify_problem;

/// Of OpenSSL: no key or signature of less than 112 bits of strength (RSA: 2048 bits).
constexpr int kLeastSecurity = 2;

/// OpenSSL's own verdict stands; it is only remembered, since Poco's exception does not tell it.
int NoteVerdict(int ok, X509_STORE_CTX* store) {
  if (ok == 0) {
    verify_problem = X509_verify_cert_error_string(X509_STORE_CTX_get_error(store));
  }
  return ok;
}

/// In place of a question on the terminal.
int HasNoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*unused*/) {
  return -1;
}

Poco::Net::Context::Ptr MakeContext(const std::string& ca_file) {
  Poco::Net::Context::Params params;
  params.verificationMode = Poco::Net::Context::VERIFY_STRICT;
  params.verificationDepth = 9;
  params.loadDefaultCAs = true;
  params.caLocation = ca_file;
  Poco::Net::Context::Ptr context =
      new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, params);
  SSL_CTX_set_min_proto_version(context->sslContext(), TLS1_2_VERSION);
  // What Debian's OpenSSL asks for anyway; others may trust keys that were broken long ago.
  SSL_CTX* const openssl = context->sslContext();
  SSL_CTX_set_security_level(openssl,
                             std::max(SSL_CTX_get_security_level(openssl), kLeastSecurity));
  SSL_CTX_set_verify(openssl, SSL_VERIFY_PEER, NoteVerdict);
  // One system call a record instead of two, and an idle connection holds no buffers.
  SSL_CTX_set_read_ahead(openssl, 1);
  SSL_CTX_set_mode(openssl, SSL_MODE_RELEASE_BUFFERS);
  return context;
}

Result<Poco::Net::Context::Ptr> ContextThatTrusts(const std::filesystem::path& ca_file) {
  const std::string name = ca_file.string();
  std::error_code problem;
  if (!name.empty() && !std::filesystem::is_regular_file(ca_file, problem)) {
    return Error{ErrorKind::kInvalidArgument, "ca_file: " + name + " is not a readable file"};
  }
  try {
    return MakeContext(name);
  } catch (const std::exception&) {
    return Error{ErrorKind::kInvalidArgument,
                 name.empty() ? "the system's trust anchors cannot be loaded"
                              : "ca_file: " + name + " holds no certificate in PEM form"};
  }
}

Status Show(const ClientIdentity& identity, SSL_CTX* context) {
  const auto refuse = [](const char* key, const std::filesystem::path& file, const char* why) {
    return Error{ErrorKind::kInvalidArgument, std::string(key) + ": " + file.string() + why};
  };
  SSL_CTX_set_default_passwd_cb(context, HasNoPassphrase);
  Status shown = Ok{};
  if (SSL_CTX_use_certificate_chain_file(context, identity.cert_file.c_str()) != 1) {
    shown = refuse("cert_file", identity.cert_file,
                   " holds no certificate in PEM form, or one with a key that is too weak");
  } else if (SSL_CTX_use_PrivateKey_file(context, identity.key_file.c_str(), SSL_FILETYPE_PEM) !=
             1) {
    shown =
        refuse("key_file", identity.key_file,
               " holds no key in PEM form without a passphrase that belongs to the certificate");
  }
  ERR_clear_error();  // Else the next one to look takes it for its own.
  return shown;
}

}  // namespace

Result<Poco::Net::Context::Ptr> SharedTlsContext(const std::filesystem::path& ca_file) {
  static std::mutex mutex;
  static std::map<std::string, Poco::Net::Context::Ptr> contexts;
  const std::lock_guard lock(mutex);
  const std::string key = ca_file.string();
  if (const auto known = contexts.find(key); known != contexts.end()) {
    return known->second;
  }
  auto made = ContextThatTrusts(ca_file);
  if (made) {
    contexts.emplace(key, *made);
  }
  return made;
}

Result<Poco::Net::Context::Ptr> OwnTlsContext(const std::filesystem::path& ca_file,
                                              const ClientIdentity& identity) {
  auto made = ContextThatTrusts(ca_file);
  if (made) {
    if (auto shown = Show(identity, (*made)->sslContext()); !shown) {
      return std::move(shown).error();
    }
  }
  return made;
}

const std::string& LastVerifyProblem() {
  return verify_problem;
}

void ClearVerifyProblem() {
  verify_problem.clear();
}

}  // namespace acronis::api
