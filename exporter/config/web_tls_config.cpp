#include "exporter/config/web_tls_config.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "exporter/config/pem.h"
#include "exporter/config/text_file.h"

namespace acronis::exporter {
namespace {

/// A PEM text that stands in the configuration itself, or in a file that is named there.
struct Source {
  std::string name;  ///< `cert`; the key of the file is `cert_file`.
  Secret text{};
  std::filesystem::path file{};

  bool Given() const { return !text.Empty() || !file.empty(); }
  std::string Key() const { return file.empty() ? name : name + "_file"; }
  std::string Both() const { return name + "_file or " + name; }
};

/// What `tls_server_config` says before anything is read or compared.
struct Stated {
  Source certificate{.name = "cert"};
  Source key{.name = "key"};
  Source client_ca{.name = "client_ca"};
  bool client_auth = false;  ///< Something is said about clients.
  TlsOptions options{};

  bool WantsTls() const {
    return certificate.Given() || key.Given() || client_ca.Given() || client_auth;
  }
};

void ReadSource(Section& section, Source& source) {
  section.Read(source.name + "_file", source.file);
  section.Read(source.name, source.text);
  if (!source.file.empty() && !source.text.Empty()) {
    section.Complain(source.name, "given besides " + source.Key() + ": one of them is accepted");
  }
}

template <typename T>
void ReadNamed(Section& section, std::string_view key, std::span<const Named<T>> table, T& value) {
  const YamlNode* const node = section.Raw(key);
  if (node == nullptr) {
    return;
  }
  if (const auto known = ValueOf(table, node->text)) {
    value = *known;
  } else {
    section.Refuse(key, *node, "one of " + NamesOf(table));
  }
}

void ReadNames(Section& section, std::string_view key,
               std::span<const Named<std::string_view>> table,
               std::vector<std::string_view>& values) {
  std::vector<std::string> names;
  section.Read(key, names);
  for (std::size_t index = 0; index < names.size(); ++index) {
    if (const auto known = ValueOf(table, names[index])) {
      values.push_back(*known);
    } else {
      section.Refuse(key, section.Raw(key)->items[index], "among " + NamesOf(table));
    }
  }
}

void ReadClientAuth(Section& section, Stated& stated) {
  const YamlNode* const node = section.Raw("client_auth_type");
  stated.client_auth =
      node != nullptr && !(node->kind == YamlNode::Kind::kScalar && node->text.empty());
  if (stated.client_auth) {
    ReadNamed<ClientAuth>(section, "client_auth_type", kClientAuths, stated.options.client_auth);
  }
}

Stated ReadKeys(Section& section) {
  Stated stated;
  ReadSource(section, stated.certificate);
  ReadSource(section, stated.key);
  ReadSource(section, stated.client_ca);
  ReadClientAuth(section, stated);
  section.Read("client_allowed_sans", stated.options.client_allowed_sans);
  ReadNamed<TlsVersion>(section, "min_version", kTlsVersions, stated.options.min_version);
  ReadNamed<TlsVersion>(section, "max_version", kTlsVersions, stated.options.max_version);
  ReadNames(section, "cipher_suites", kCipherSuites, stated.options.cipher_suites);
  ReadNames(section, "curve_preferences", kCurves, stated.options.curves);
  section.Read("prefer_server_cipher_suites", stated.options.prefer_server_cipher_suites);
  section.Finish();
  return stated;
}

/// They would change nothing, and whoever wrote them expects more than plain HTTP.
void RefuseToIgnore(Section& section) {
  for (const char* const key :
       {"client_allowed_sans", "min_version", "max_version", "cipher_suites", "curve_preferences",
        "prefer_server_cipher_suites"}) {
    const YamlNode* const node = section.Raw(key);
    if (node != nullptr && node->kind != YamlNode::Kind::kNull) {
      section.Complain(key, "means nothing without cert_file or cert: there would be no TLS");
    }
  }
}

void CheckClients(Section& section, const Stated& stated) {
  const ClientAuth auth = stated.options.client_auth;
  if (stated.client_ca.Given() && auth == ClientAuth::kNone) {
    section.Complain(stated.client_ca.Key(),
                     "needs a client_auth_type that asks for certificates: one of "
                     "RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven, "
                     "RequireAndVerifyClientCert");
  }
  const bool verifies = auth == ClientAuth::kVerifyIfGiven || auth == ClientAuth::kRequireAndVerify;
  if (verifies && !stated.client_ca.Given()) {
    section.Complain("client_auth_type",
                     "verifies certificates, so it needs " + stated.client_ca.Both());
  }
  const bool requires_one =
      auth == ClientAuth::kRequireAny || auth == ClientAuth::kRequireAndVerify;
  const YamlNode* const names = section.Raw("client_allowed_sans");
  if (names == nullptr || names->kind == YamlNode::Kind::kNull) {
    return;
  }
  if (!requires_one) {
    section.Complain("client_allowed_sans",
                     "needs client_auth_type RequireAnyClientCert or RequireAndVerifyClientCert");
  } else if (stated.options.client_allowed_sans.empty()) {
    section.Complain("client_allowed_sans", "nobody could connect: must name one at least");
  }
}

void CheckVersions(Section& section, const TlsOptions& options) {
  if (options.max_version < TlsVersion::kTls12) {
    section.Complain("max_version",
                     "must be TLS12 or TLS13: nothing older is spoken, as it is not secure");
  } else if (options.max_version < options.min_version) {
    section.Complain("max_version", "must not be below min_version");
  }
  const bool none_before_tls13 =
      !options.cipher_suites.empty() && std::ranges::all_of(options.cipher_suites, IsOfTls13);
  if (none_before_tls13 && options.max_version == TlsVersion::kTls12) {
    section.Complain("cipher_suites", "none of these is for TLS12, which is the max_version");
  }
}

/// Fills the text from the file. False after a finding.
bool Load(Section& section, const std::filesystem::path& folder, Source& source) {
  if (source.file.empty()) {
    return source.Given();
  }
  const std::filesystem::path path = folder / source.file;
  Result<std::string> text = ReadTextFile(path, kMaxWebConfigBytes);
  if (!text) {
    section.Complain(source.Key(), path.string() + ": " + text.error().message);
    return false;
  }
  source.text = Secret(std::move(*text));
  WipeString(*text);
  return true;
}

/// Where a text came from, to begin a message with.
std::string Origin(const std::filesystem::path& folder, const Source& source) {
  return source.file.empty() ? "" : (folder / source.file).string() + ": ";
}

/// Empty after a finding.
std::vector<CertificatePtr> Certificates(Section& section, const std::filesystem::path& folder,
                                         const Source& source) {
  Result<std::vector<CertificatePtr>> read = ReadCertificates(source.text.Reveal());
  if (!read) {
    section.Complain(source.Key(), Origin(folder, source) + read.error().message);
    return {};
  }
  return std::move(*read);
}

void CheckServerPair(Section& section, const std::filesystem::path& folder, const Stated& stated) {
  const auto certificates = Certificates(section, folder, stated.certificate);
  for (const CertificatePtr& certificate : certificates) {
    if (const Status strong = CheckStrength(*certificate); !strong) {
      section.Complain(stated.certificate.Key(),
                       Origin(folder, stated.certificate) + strong.error().message);
    }
  }
  const Result<KeyPtr> key = ReadPrivateKey(stated.key.text);
  const Status fits =
      key && !certificates.empty() ? CheckPair(*certificates[0], **key) : Status(Ok{});
  if (!key || !fits) {
    section.Complain(stated.key.Key(), Origin(folder, stated.key) +
                                           (key ? fits.error().message : key.error().message));
  }
}

void CheckBothGiven(Section& section, const Stated& stated) {
  for (const Source* const source : {&stated.certificate, &stated.key}) {
    if (!source->Given()) {
      section.Complain(source->name + "_file", "missing: " + source->Both() + " is needed for TLS");
    }
  }
}

/// Reads and checks what is named, as far as it is there.
void CheckContents(Section& section, const std::filesystem::path& folder, Stated& stated) {
  const bool certificate = Load(section, folder, stated.certificate);
  const bool key = Load(section, folder, stated.key);
  if (certificate && key) {
    CheckServerPair(section, folder, stated);
  }
  if (Load(section, folder, stated.client_ca)) {
    Certificates(section, folder, stated.client_ca);
  }
}

}  // namespace

std::optional<TlsOptions> ReadTlsOptions(Section section, const std::filesystem::path& folder,
                                         std::vector<std::filesystem::path>& files) {
  Stated stated = ReadKeys(section);
  for (const Source* const source : {&stated.certificate, &stated.key, &stated.client_ca}) {
    if (!source->file.empty()) {
      files.push_back(folder / source->file);
    }
  }
  if (!stated.WantsTls()) {
    RefuseToIgnore(section);
    return std::nullopt;
  }
  CheckBothGiven(section, stated);
  CheckClients(section, stated);
  CheckVersions(section, stated.options);
  CheckContents(section, folder, stated);
  stated.options.certificates = stated.certificate.text.Reveal();
  stated.options.key = std::move(stated.key.text);
  stated.options.client_ca = stated.client_ca.text.Reveal();
  return std::move(stated.options);
}

}  // namespace acronis::exporter
