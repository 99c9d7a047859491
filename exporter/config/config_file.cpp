#include "exporter/config/config_file.h"

#include <utility>
#include <vector>

#include "exporter/config/section.h"
#include "exporter/config/text_file.h"
#include "exporter/config/yaml_tree.h"
#include "plugin/core/options.h"
#include "plugin/task_reader.h"

namespace acronis::exporter {
namespace {

constexpr std::size_t kMaxAccounts = 1000;

void ReadStart(Section& section, StartAt& start) {
  const YamlNode* const node = section.Raw("start");
  if (node == nullptr) {
    return;
  }
  const auto read = node->kind == YamlNode::Kind::kScalar ? ParseStart(node->text) : std::nullopt;
  if (read) {
    start = *read;
    return;
  }
  section.Refuse("start", *node, StartForm());
}

void ReadField(Section& section, PollField& field) {
  const YamlNode* const node = section.Raw("field");
  if (node == nullptr) {
    return;
  }
  if (node->text == "completedAt") {
    field = PollField::kCompletedAt;
  } else if (node->text == "updatedAt") {
    field = PollField::kUpdatedAt;
  } else {
    section.Refuse("field", *node, "completedAt or updatedAt");
  }
}

void ReadPoll(Section section, PollOptions& poll) {
  section.Read("interval", poll.interval);
  section.Read("overlap", poll.overlap);
  Section sweep = section.Part("sweep");
  sweep.Read("every", poll.sweep_every);
  sweep.Read("window", poll.sweep_window);
  sweep.Finish();
  section.Read("settle", poll.settle);
  section.Read("retention", poll.retention);
  ReadStart(section, poll.start);
  ReadField(section, poll.field);
  section.Read("page_size", poll.page_size);
  section.Read("lod", poll.lod);
  section.Read("concurrency", poll.concurrency);
  section.Read("max_requests_per_minute", poll.max_requests_per_minute);
  section.Read("connect_timeout", poll.connect_timeout);
  section.Read("request_timeout", poll.request_timeout);
  section.Finish();
}

/// A parameter of the API with one value or a list of them; every name may stand here.
void ReadFilters(Section section, std::vector<std::pair<std::string, std::string>>& filters) {
  for (const std::string& field : section.Keys()) {
    const YamlNode* const node = section.Raw(field);
    std::vector<std::string> values;
    if (node->kind == YamlNode::Kind::kScalar) {
      values.push_back(node->text);
    } else {
      section.Read(field, values);
    }
    for (std::string& value : values) {
      filters.emplace_back(field, std::move(value));
    }
  }
}

AccountOptions ReadAccount(Section section, const PollOptions& poll) {
  AccountOptions account;
  account.poll = poll;
  section.Read("name", account.name);
  section.Read("base_url", account.base_url);
  section.Read("client_id", account.client_id);
  section.Read("client_secret_file", account.client_secret_file);
  section.Read("ca_file", account.ca_file);
  section.Read("proxy_url", account.proxy_url);
  section.Read("tenant", account.tenant);
  ReadFilters(section.Part("filters"), account.filters);
  ReadPoll(section.Part("poll"), account.poll);
  section.Finish();
  return account;
}

/// An empty list of bounds stands for the default ones.
void ReadBuckets(Section& section, std::string_view key, std::vector<double>& buckets) {
  std::vector<double> read;
  section.Read(key, read);
  if (!read.empty()) {
    buckets = std::move(read);
  }
}

void ReadMetrics(Section section, MetricsOptions& metrics) {
  section.Read("series_hold", metrics.series_hold);
  section.Read("series_limit", metrics.series_limit);
  section.Read("created_samples", metrics.created_samples);
  section.Read("success_codes", metrics.success_codes);
  ReadBuckets(section, "duration_buckets", metrics.duration_buckets);
  ReadBuckets(section, "queue_wait_buckets", metrics.queue_wait_buckets);
  section.Finish();
}

void ReadStore(Section section, StoreOptions& store) {
  section.Read("path", store.path);
  section.Read("guard_path", store.guard_path);
  section.Finish();
}

CollectorOptions ReadRoot(const YamlNode& root, Findings& findings) {
  CollectorOptions options;
  Section section(&root, "", findings);
  PollOptions poll;
  ReadPoll(section.Part("poll"), poll);
  const YamlNode* const accounts = section.Raw("accounts");
  if (accounts != nullptr && accounts->items.size() > kMaxAccounts) {
    findings.Add(accounts->line, "accounts",
                 "at most " + std::to_string(kMaxAccounts) + " accounts are accepted");
    return options;
  }
  for (Section& account : section.Parts("accounts")) {
    options.accounts.push_back(ReadAccount(std::move(account), poll));
  }
  ReadMetrics(section.Part("metrics"), options.metrics);
  ReadStore(section.Part("store"), options.store);
  section.Finish();
  return options;
}

/// Finds the line of a `KEY: ...` message: at the account, or in the block for all accounts.
void AddFromCheck(const Error& error, const std::string& prefix, Findings& findings) {
  const auto colon = error.message.find(": ");
  std::string key = prefix + error.message.substr(0, colon);
  if (const std::string shared = error.message.substr(0, colon);
      !findings.Has(key) && shared.starts_with("poll.") && findings.Has(shared)) {
    key = shared;
  }
  findings.Add(findings.LineOf(key), key, error.message.substr(colon + 2));
}

void CheckFile(const std::filesystem::path& path, const std::string& key, Findings& findings) {
  if (path.empty()) {
    return;
  }
  if (const Status result = CheckReadable(path); !result) {
    findings.Add(findings.LineOf(key), key, path.string() + ": " + result.error().message);
  }
}

void CheckOneAccount(const AccountOptions& account, const std::string& path, Findings& findings) {
  if (const Status result = CheckAccount(account); !result) {
    AddFromCheck(result.error(), path + ".", findings);
  }
  for (const auto& filter : account.filters) {
    if (const Status result = CheckReadRequest({.filters = {filter}}); !result) {
      const std::string key = path + ".filters." + filter.first;
      findings.Add(findings.LineOf(key), key, result.error().message);
    }
  }
  CheckFile(account.client_secret_file, path + ".client_secret_file", findings);
  CheckFile(account.ca_file, path + ".ca_file", findings);
}

void MakeAbsolute(const std::filesystem::path& folder, std::filesystem::path& path) {
  if (!path.empty() && path.is_relative()) {
    path = folder / path;
  }
}

void ResolvePaths(const std::filesystem::path& folder, CollectorOptions& options) {
  for (AccountOptions& account : options.accounts) {
    MakeAbsolute(folder, account.client_secret_file);
    MakeAbsolute(folder, account.ca_file);
  }
  MakeAbsolute(folder, options.store.path);
  MakeAbsolute(folder, options.store.guard_path);
}

void CheckAll(const CollectorOptions& options, Findings& findings) {
  for (std::size_t index = 0; index < options.accounts.size(); ++index) {
    CheckOneAccount(options.accounts[index], "accounts[" + std::to_string(index) + "]", findings);
  }
  if (const Status result = CheckOptions(options); !result) {
    AddFromCheck(result.error(), "", findings);
  }
}

}  // namespace

Result<CollectorOptions> ParseConfig(const std::string& text, const std::filesystem::path& path) {
  const Result<YamlNode> root = ParseYaml(text, path.string());
  if (!root) {
    return root.error();
  }
  Findings findings(path.string());
  CollectorOptions options = ReadRoot(*root, findings);
  if (findings.Clean()) {
    ResolvePaths(path.parent_path(), options);
    CheckAll(options, findings);
  }
  if (!findings.Clean()) {
    return Error{ErrorKind::kInvalidArgument, findings.Text()};
  }
  return options;
}

Result<CollectorOptions> LoadConfigFile(const std::filesystem::path& path) {
  const Result<std::string> text = ReadTextFile(path, kMaxConfigBytes);
  if (!text) {
    return Error{ErrorKind::kInvalidArgument, path.string() + ": " + text.error().message};
  }
  return ParseConfig(*text, path);
}

std::set<std::string> KnownConfigKeys() {
  Findings findings("");
  const YamlNode account{.kind = YamlNode::Kind::kMap};
  const YamlNode accounts{.kind = YamlNode::Kind::kList, .items = {account}};
  const YamlNode root{
      .kind = YamlNode::Kind::kMap, .keys = {"accounts"}, .key_lines = {1}, .items = {accounts}};
  ReadRoot(root, findings);
  return findings.KnownKeys();
}

}  // namespace acronis::exporter
