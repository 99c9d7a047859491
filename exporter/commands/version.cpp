#include "exporter/commands/version.h"

#include <openssl/crypto.h>
#include <sstream>
#include <string_view>
#include <zlib.h>

#include <Poco/Environment.h>

#include "exporter/commands/build_info.h"

namespace acronis::exporter {
namespace {

std::string PocoVersion() {
  const Poco::UInt32 version = Poco::Environment::libraryVersion();
  return std::to_string(version >> 24U) + "." + std::to_string((version >> 16U) & 0xFFU) + "." +
         std::to_string((version >> 8U) & 0xFFU);
}

/// `OpenSSL 3.0.17 1 Jul 2025` as `3.0.17`.
std::string OpenSslVersion() {
  std::istringstream text(OpenSSL_version(OPENSSL_VERSION));
  std::string name;
  std::string version;
  text >> name >> version;
  return version;
}

}  // namespace

std::string Version() {
  return build_info::kVersion;
}

std::string Revision() {
  return build_info::kRevision;
}

std::string Compiler() {
#if defined(__clang__)
  return "clang++ " __clang_version__;
#else
  return "g++ " __VERSION__;
#endif
}

std::string UserAgent() {
  return "acronis_task_exporter/" + Version();
}

std::string VersionText() {
  std::ostringstream out;
  out << "acronis_task_exporter " << Version() << " (revision " << Revision() << ", " << Compiler()
      << ")\n"
      << "  Poco " << PocoVersion() << "\n"
      << "  simdjson " << build_info::kSimdjson << "\n"
      << "  SQLite " << build_info::kSqlite << "\n"
      << "  prometheus-cpp " << build_info::kPrometheus << "\n"
      << "  yaml-cpp " << build_info::kYaml << "\n"
      << "  CLI11 " << build_info::kCli11 << "\n"
      << "  zlib " << zlibVersion() << "\n"
      << "  OpenSSL " << OpenSslVersion() << "\n";
  return out.str();
}

}  // namespace acronis::exporter
