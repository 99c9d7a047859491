#include "exporter/config/web_config.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "exporter/config/section.h"
#include "exporter/config/text_file.h"
#include "exporter/config/web_tls_config.h"
#include "exporter/config/yaml_tree.h"

namespace acronis::exporter {
namespace {

/// A header that may be set; without values, any will do.
struct AllowedHeader {
  std::string_view name;
  std::vector<std::string_view> values{};
};

const std::vector<AllowedHeader>& AllowedHeaders() {
  static const std::vector<AllowedHeader> headers = {
      {.name = "Content-Security-Policy"},
      {.name = "Strict-Transport-Security"},
      {.name = "X-Content-Type-Options", .values = {"nosniff"}},
      {.name = "X-Frame-Options", .values = {"deny", "sameorigin"}},
      {.name = "X-XSS-Protection"},
  };
  return headers;
}

std::string Listed(const std::vector<std::string_view>& texts, std::string_view between) {
  std::string list;
  for (const std::string_view text : texts) {
    list += (list.empty() ? "" : std::string(between)) + std::string(text);
  }
  return list;
}

/// A line break in a header would begin another one.
bool IsPrintable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

void CheckHeader(Section& section, const std::string& name, const std::string& value) {
  const auto& allowed = AllowedHeaders();
  const auto known = std::ranges::find(allowed, name, &AllowedHeader::name);
  if (known == allowed.end()) {
    std::vector<std::string_view> names(allowed.size());
    std::ranges::transform(allowed, names.begin(), &AllowedHeader::name);
    section.Complain(name,
                     "this header cannot be set (accepted here: " + Listed(names, ", ") + ")");
  } else if (!known->values.empty() &&
             std::ranges::find(known->values, value) == known->values.end()) {
    section.Refuse(name, *section.Raw(name), Listed(known->values, " or "));
  } else if (!IsPrintable(value)) {
    section.Complain(name, "must consist of printable ASCII characters");
  }
}

void ReadHeaders(Section section, WebConfig& config) {
  for (const std::string& name : section.Keys()) {
    std::string value;
    section.Read(name, value);
    if (section.Raw(name)->kind == YamlNode::Kind::kScalar) {
      CheckHeader(section, name, value);
      config.headers.emplace_back(name, value);
    }
  }
}

/// `$2a$`, `$2b$` or `$2y$`, a cost of 04 to 31, and 53 characters of bcrypt's own alphabet.
bool IsBcryptHash(std::string_view text) {
  constexpr std::size_t kLength = 60;
  constexpr std::size_t kCostAt = 4;
  if (text.size() != kLength || text[6] != '$' ||
      !(text.starts_with("$2a$") || text.starts_with("$2b$") || text.starts_with("$2y$"))) {
    return false;
  }
  int cost = 0;
  const auto [end, error] = std::from_chars(text.data() + kCostAt, text.data() + kCostAt + 2, cost);
  const bool cost_known =
      error == std::errc() && end == text.data() + kCostAt + 2 && cost >= 4 && cost <= 31;
  constexpr std::string_view kAlphabet =
      "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  return cost_known && text.find_first_not_of(kAlphabet, kCostAt + 3) == std::string_view::npos;
}

void ReadUsers(Section section, WebConfig& config) {
  for (const std::string& user : section.Keys()) {
    const YamlNode* const node = section.Raw(user);
    if (node->kind != YamlNode::Kind::kScalar || !IsBcryptHash(node->text)) {
      section.Complain(user,
                       "must be a bcrypt hash: $2a$, $2b$ or $2y$, a cost of 04 to 31, $, and 53 "
                       "letters, digits, dots and slashes, as htpasswd -nBC 10 \"\" prints it");
    }
    if (user.find(':') != std::string::npos) {
      section.Complain(user, "a user's name cannot hold a colon: nobody could log in");
    }
    config.basic_auth_users.emplace(user, node->text);
  }
}

void ReadRateLimit(Section section, RateLimitOptions& limit) {
  section.Read("interval", limit.interval);
  section.Read("burst", limit.burst);
  section.Finish();
  if (limit.burst < 0 || (limit.interval.count() != 0 && limit.burst == 0)) {
    section.Complain("burst", "every request would be refused: must be 1 at least");
  }
}

WebConfig ReadRoot(const YamlNode& root, const std::filesystem::path& folder, Findings& findings,
                   std::vector<std::filesystem::path>& files) {
  WebConfig config;
  config.empty = root.kind == YamlNode::Kind::kNull;
  Section section(&root, "", findings);
  config.tls = ReadTlsOptions(section.Part("tls_server_config"), folder, files);
  Section http = section.Part("http_server_config");
  http.Read("http2", config.http2);
  ReadHeaders(http.Part("headers"), config);
  http.Finish();
  ReadUsers(section.Part("basic_auth_users"), config);
  ReadRateLimit(section.Part("rate_limit"), config.rate_limit);
  section.Finish();
  return config;
}

}  // namespace

WebConfigReading ParseWebConfig(const std::string& text, const std::filesystem::path& path) {
  const Result<YamlNode> root = ParseYaml(text, path.string());
  if (!root) {
    return {.config = root.error(), .files = {path}};
  }
  std::vector<std::filesystem::path> files = {path};
  Findings findings(path.string(), Findings::Misplaced::kHidden);
  WebConfig config = ReadRoot(*root, path.parent_path(), findings, files);
  if (!findings.Clean()) {
    return {.config = Error{ErrorKind::kInvalidArgument, findings.Text()},
            .files = std::move(files)};
  }
  return {.config = std::move(config), .files = std::move(files)};
}

WebConfigReading ReadWebConfig(const std::filesystem::path& path) {
  const Result<std::string> text = ReadTextFile(path, kMaxWebConfigBytes);
  if (!text) {
    return {
        .config = Error{ErrorKind::kInvalidArgument, path.string() + ": " + text.error().message},
        .files = {path}};
  }
  return ParseWebConfig(*text, path);
}

Result<WebConfig> LoadWebConfig(const std::filesystem::path& path) {
  return ReadWebConfig(path).config;
}

std::set<std::string> KnownWebConfigKeys() {
  Findings findings("");
  std::vector<std::filesystem::path> files;
  ReadRoot({}, {}, findings, files);
  return findings.KnownKeys();
}

}  // namespace acronis::exporter
