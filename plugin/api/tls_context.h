#pragma once

#include <filesystem>
#include <string>

#include <Poco/Net/Context.h>

#include "plugin/core/result.h"

namespace acronis::api {

/// What a client shows to prove who it is, both PEM files; both empty: nothing. The key has no
/// passphrase.
struct ClientIdentity {
  std::filesystem::path cert_file{};  ///< The certificate, then those that lead to its CA.
  std::filesystem::path key_file{};
};

/// The client context that trusts the system's anchors and those in `ca_file` (may be empty).
///
/// TLS 1.2 or newer, always verifying. Shared by the whole process, one per file, because
/// loading the system's anchors costs tens of milliseconds; a file is thus read once.
/// kInvalidArgument names the file that cannot be used. Thread-safe.
Result<Poco::Net::Context::Ptr> SharedTlsContext(const std::filesystem::path& ca_file);

/// The same with an identity to show, and of the caller's own: all files are read now, so that a
/// certificate that was renewed is shown. kInvalidArgument names the file that cannot be used.
/// REQUIRES: there is an identity.
Result<Poco::Net::Context::Ptr> OwnTlsContext(const std::filesystem::path& ca_file,
                                              const ClientIdentity& identity);

/// What verification disliked about the last certificate seen on this thread; empty if nothing.
const std::string& LastVerifyProblem();
void ClearVerifyProblem();

}  // namespace acronis::api
