#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "plugin/core/options.h"
#include "plugin/core/result.h"
#include "plugin/core/secret.h"

namespace acronis::exporter {

/// Where a program may keep what outlives it. Absolute paths.
struct StandardDirectories {
  /// STATE_DIRECTORY (systemd), else a folder of our own in XDG_STATE_HOME, else in
  /// HOME/.local/state, else in /var/lib.
  std::filesystem::path state{};
  /// CACHE_DIRECTORY, XDG_CACHE_HOME, HOME/.cache, /var/cache.
  std::filesystem::path cache{};
  /// Of checks, which any user may run: like `state` without systemd's, and where there is no home
  /// to write into, a folder in /var/tmp with the user's number in its name.
  std::filesystem::path check{};
};

/// What agents tell the programs that they run. As it stands there; empty when it does not.
struct AgentEnvironment {
  std::string host{};      ///< COLLECTD_HOSTNAME
  std::string interval{};  ///< Seconds: COLLECTD_INTERVAL, NETDATA_UPDATE_EVERY
};

/// What the exporter takes from the environment. A variable that is set to nothing counts as not
/// set.
struct Environment {
  std::string base_url{};            ///< ACRONIS_BASE_URL
  std::string client_id{};           ///< ACRONIS_CLIENT_ID
  Secret client_secret{};            ///< ACRONIS_CLIENT_SECRET
  std::string client_secret_file{};  ///< ACRONIS_CLIENT_SECRET_FILE
  std::string account{};             ///< ACRONIS_ACCOUNT
  ProxyEnvironment proxy{};          ///< HTTPS_PROXY and NO_PROXY, or in lower case.
  StandardDirectories directories{};
  AgentEnvironment agent{};

  /// The first variable found that describes an account; empty when there is none.
  std::string_view AccountVariable() const;
};

/// Reads `variables` (as `environ`) and overwrites the bytes of the secret in
/// place, so that /proc/PID/environ does not show them any more. Call once,
/// first thing, before any thread.
Environment TakeEnvironment(char** variables);

/// Fills in where the store lives when the configuration does not say. `flag` is --store.path; it
/// wins over the file.
void ChooseStore(const std::filesystem::path& flag, const StandardDirectories& directories,
                 StoreOptions& store);

/// Where the accounts come from: the file when one is given, else the environment. Both together
/// are an error. Everything is checked; the message has one problem a line.
Result<CollectorOptions> LoadConfig(const std::optional<std::filesystem::path>& file,
                                    const Environment& environment);

}  // namespace acronis::exporter
