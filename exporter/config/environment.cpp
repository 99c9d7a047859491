#include "exporter/config/environment.h"

#include <array>
#include <cstring>
#include <strings.h>
#include <unistd.h>
#include <utility>

#include "exporter/config/config_file.h"
#include "exporter/config/text_file.h"

namespace acronis::exporter {
namespace {

constexpr std::string_view kSecretVariable = "ACRONIS_CLIENT_SECRET";

/// The value of `name` in `variables`, null when it is not set.
char* Find(char** variables, std::string_view name) {
  for (char** entry = variables; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (text.size() > name.size() && text.starts_with(name) && text[name.size()] == '=') {
      return *entry + name.size() + 1;
    }
  }
  return nullptr;
}

std::string Value(char** variables, std::string_view name) {
  const char* const value = Find(variables, name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string FirstValue(char** variables, std::string_view name, std::string_view other) {
  std::string value = Value(variables, name);
  return value.empty() ? Value(variables, other) : value;
}

/// The first absolute path of: the first one in `systemd` (which may list several), our folder in
/// `xdg`, in HOME/`home`, in `system`.
std::filesystem::path ChooseDirectory(char** variables, std::string_view systemd,
                                      std::string_view xdg, std::string_view home,
                                      const std::filesystem::path& system) {
  constexpr std::string_view kOurs = "acronis-task-exporter";
  const std::string listed = Value(variables, systemd);
  if (std::filesystem::path first = listed.substr(0, listed.find(':')); first.is_absolute()) {
    return first;
  }
  if (const std::filesystem::path base = Value(variables, xdg); base.is_absolute()) {
    return base / kOurs;
  }
  if (const std::filesystem::path base = Value(variables, "HOME"); base.is_absolute()) {
    return base / home / kOurs;
  }
  return system / kOurs;
}

std::filesystem::path ChooseCheckDirectory(char** variables) {
  const std::string home = Value(variables, "HOME");
  if (Value(variables, "XDG_STATE_HOME").empty() && access(home.c_str(), W_OK) != 0) {
    return "/var/tmp/acronis_task_exporter-" + std::to_string(geteuid());
  }
  return ChooseDirectory(variables, {}, "XDG_STATE_HOME", ".local/state", "/var/lib") / "check";
}

/// The variable that sets what CheckAccount() calls `key`; the key itself when there is none.
std::string_view VariableOf(std::string_view key) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kVariables = {{
      {"name", "ACRONIS_ACCOUNT"},
      {"base_url", "ACRONIS_BASE_URL"},
      {"client_id", "ACRONIS_CLIENT_ID"},
      {"client_secret", kSecretVariable},
      {"client_secret_file", "ACRONIS_CLIENT_SECRET or ACRONIS_CLIENT_SECRET_FILE"},
      {"proxy_url", "HTTPS_PROXY"},
  }};
  for (const auto& [name, variable] : kVariables) {
    if (name == key) {
      return variable;
    }
  }
  return key;
}

Error Refuse(std::string message) {
  return {ErrorKind::kInvalidArgument, std::move(message)};
}

Result<CollectorOptions> FromEnvironment(const Environment& environment) {
  CollectorOptions options;
  AccountOptions account;
  account.name = environment.account.empty() ? "default" : environment.account;
  account.base_url = environment.base_url;
  account.client_id = environment.client_id;
  account.client_secret = environment.client_secret;
  account.client_secret_file = environment.client_secret_file;
  if (const Status result = CheckAccount(account); !result) {
    const std::string& message = result.error().message;
    const auto colon = message.find(": ");
    return Refuse("environment: " + std::string(VariableOf(message.substr(0, colon))) +
                  message.substr(colon));
  }
  if (!account.client_secret_file.empty()) {
    if (const Status result = CheckReadable(account.client_secret_file); !result) {
      return Refuse("environment: ACRONIS_CLIENT_SECRET_FILE: " +
                    account.client_secret_file.string() + ": " + result.error().message);
    }
  }
  options.accounts.push_back(std::move(account));
  return options;
}

/// The proxy of the environment must be usable as well, whether or not an account needs it.
Status CheckProxyEnvironment(const ProxyEnvironment& proxy) {
  AccountOptions probe;
  probe.name = "probe";
  probe.base_url = "https://localhost";
  probe.client_id = "probe";
  probe.client_secret = Secret("probe");
  probe.proxy_url = proxy.https_proxy;
  if (const Status result = CheckAccount(probe); !result) {
    const std::string& message = result.error().message;
    return Refuse("environment: HTTPS_PROXY" + message.substr(message.find(": ")));
  }
  return Ok{};
}

}  // namespace

std::string_view Environment::AccountVariable() const {
  if (!base_url.empty()) {
    return "ACRONIS_BASE_URL";
  }
  if (!client_id.empty()) {
    return "ACRONIS_CLIENT_ID";
  }
  if (!client_secret.Empty()) {
    return kSecretVariable;
  }
  if (!client_secret_file.empty()) {
    return "ACRONIS_CLIENT_SECRET_FILE";
  }
  return account.empty() ? "" : "ACRONIS_ACCOUNT";
}

Environment TakeEnvironment(char** variables) {
  Environment environment;
  environment.base_url = Value(variables, "ACRONIS_BASE_URL");
  environment.client_id = Value(variables, "ACRONIS_CLIENT_ID");
  environment.client_secret_file = Value(variables, "ACRONIS_CLIENT_SECRET_FILE");
  environment.account = Value(variables, "ACRONIS_ACCOUNT");
  environment.proxy.https_proxy = FirstValue(variables, "HTTPS_PROXY", "https_proxy");
  environment.proxy.no_proxy = FirstValue(variables, "NO_PROXY", "no_proxy");
  if (!environment.proxy.https_proxy.empty() &&
      environment.proxy.https_proxy.find("://") == std::string::npos) {
    environment.proxy.https_proxy.insert(0, "http://");
  }
  environment.agent = {
      .host = Value(variables, "COLLECTD_HOSTNAME"),
      .interval = FirstValue(variables, "COLLECTD_INTERVAL", "NETDATA_UPDATE_EVERY")};
  environment.directories = {.state = ChooseDirectory(variables, "STATE_DIRECTORY",
                                                      "XDG_STATE_HOME", ".local/state", "/var/lib"),
                             .cache = ChooseDirectory(variables, "CACHE_DIRECTORY",
                                                      "XDG_CACHE_HOME", ".cache", "/var/cache"),
                             .check = ChooseCheckDirectory(variables)};
  if (char* const secret = Find(variables, kSecretVariable)) {
    environment.client_secret = Secret(secret);
    explicit_bzero(secret, std::strlen(secret));
  }
  return environment;
}

void ChooseStore(const std::filesystem::path& flag, const StandardDirectories& directories,
                 StoreOptions& store) {
  if (!flag.empty()) {
    store.path = flag;
  } else if (store.path.empty()) {
    store.path = directories.state / "ledger.db";
  }
  store.path = std::filesystem::absolute(store.path).lexically_normal();
  if (!store.guard_path.empty()) {
    store.guard_path = std::filesystem::absolute(store.guard_path).lexically_normal();
  }
  store.guard_directory = directories.cache;
}

Result<CollectorOptions> LoadConfig(const std::optional<std::filesystem::path>& file,
                                    const Environment& environment) {
  const std::string variable(environment.AccountVariable());
  if (file && !variable.empty()) {
    return Refuse("both --config.file and the environment variable " + variable +
                  " are given: choose one");
  }
  if (!file && variable.empty()) {
    return Refuse(
        "no account is configured: give --config.file, or set ACRONIS_BASE_URL, ACRONIS_CLIENT_ID "
        "and ACRONIS_CLIENT_SECRET or ACRONIS_CLIENT_SECRET_FILE; the sub-command demo needs none");
  }
  if (Status proxy = CheckProxyEnvironment(environment.proxy); !proxy) {
    return proxy.error();
  }
  Result<CollectorOptions> options = file ? LoadConfigFile(*file) : FromEnvironment(environment);
  if (options) {
    for (AccountOptions& account : options->accounts) {
      account.proxy_environment = environment.proxy;
    }
  }
  return options;
}

}  // namespace acronis::exporter
