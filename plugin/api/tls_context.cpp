#include "plugin/api/tls_context.h"

#include <algorithm>
#include <exception>
#include <map>
#include <mutex>
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

}  // namespace

Result<Poco::Net::Context::Ptr> SharedTlsContext(const std::filesystem::path& ca_file) {
  static std::mutex mutex;
  static std::map<std::string, Poco::Net::Context::Ptr> contexts;
  const std::lock_guard lock(mutex);
  const std::string key = ca_file.string();
  if (const auto known = contexts.find(key); known != contexts.end()) {
    return known->second;
  }
  std::error_code problem;
  if (!key.empty() && !std::filesystem::is_regular_file(ca_file, problem)) {
    return Error{ErrorKind::kInvalidArgument, "ca_file: " + key + " is not a readable file"};
  }
  try {
    return contexts.emplace(key, MakeContext(key)).first->second;
  } catch (const std::exception&) {
    return Error{ErrorKind::kInvalidArgument,
                 key.empty() ? "the system's trust anchors cannot be loaded"
                             : "ca_file: " + key + " holds no certificate in PEM form"};
  }
}

const std::string& LastVerifyProblem() {
  return verify_problem;
}

void ClearVerifyProblem() {
  verify_problem.clear();
}

}  // namespace acronis::api
