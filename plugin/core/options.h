#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "plugin/core/clock.h"
#include "plugin/core/result.h"
#include "plugin/core/secret.h"

namespace acronis {

/// The time field that decides what is read and in which order.
enum class PollField { kCompletedAt, kUpdatedAt };

/// Where an account that was never read before begins.
struct StartAt {
  struct Now {
    bool operator==(const Now&) const = default;
  };
  std::variant<Now, std::chrono::nanoseconds, TimePoint> value = std::chrono::hours(24);

  bool operator==(const StartAt&) const = default;
};

/// Reads `now`, a duration back, or a date in any of the six forms.
std::optional<StartAt> ParseStart(const std::string& text);
/// What ParseStart() accepts, for messages.
std::string StartForm();

/// How one account is polled. Durations are checked by CheckOptions().
struct PollOptions {
  std::chrono::nanoseconds interval = std::chrono::seconds(60);
  std::chrono::nanoseconds overlap = std::chrono::minutes(15);  ///< Re-read behind the watermark.
  std::chrono::nanoseconds sweep_every = std::chrono::hours(6);
  std::chrono::nanoseconds sweep_window = std::chrono::hours(7 * 24);
  std::chrono::nanoseconds settle = std::chrono::seconds(5);
  std::chrono::nanoseconds retention = std::chrono::hours(90 * 24);
  StartAt start{};
  PollField field = PollField::kCompletedAt;
  int page_size = 500;  ///< 1 to 1000.
  std::string lod{};    ///< Empty: the server's default.
  int concurrency = 4;  ///< Time slices read side by side when far behind.
  int max_requests_per_minute = 240;
  std::chrono::nanoseconds connect_timeout = std::chrono::seconds(10);
  std::chrono::nanoseconds request_timeout = std::chrono::seconds(300);

  bool operator==(const PollOptions&) const = default;
};

/// What the environment says about proxies. Whoever starts the program reads it.
struct ProxyEnvironment {
  std::string https_proxy{};  ///< A URL, as HTTPS_PROXY has it.
  std::string no_proxy{};     ///< Comma-separated hosts and domains, or `*`, as NO_PROXY has it.

  bool operator==(const ProxyEnvironment&) const = default;
};

/// One API client and what it reads.
struct AccountOptions {
  std::string name{};      ///< The `account` label.
  std::string base_url{};  ///< `https://eu2-cloud.acronis.com`; `http` for loopback only.
  std::string client_id{};
  Secret client_secret{};                      ///< Used when no file is given.
  std::filesystem::path client_secret_file{};  ///< Read anew for every token request.
  std::filesystem::path ca_file{};             ///< Extra trust anchors (PEM).
  std::string proxy_url{};
  ProxyEnvironment proxy_environment{};  ///< Used when `proxy_url` is empty.
  std::string tenant{};                  ///< A uuid: ask for a tenant-scoped token.
  std::vector<std::pair<std::string, std::string>> filters{};
  PollOptions poll{};

  bool operator==(const AccountOptions&) const = default;
};

struct MetricsOptions {
  std::chrono::nanoseconds series_hold = std::chrono::minutes(2);
  std::uint64_t series_limit = 20000;  ///< Samples per account.
  bool created_samples = false;        ///< Tell in OpenMetrics when each series began.
  std::vector<std::string> success_codes{"ok", "warning"};
  std::vector<double> duration_buckets{5,    30,    60,    300,   900,   1800,  3600,
                                       7200, 14400, 28800, 43200, 86400, 172800};
  std::vector<double> queue_wait_buckets{1,    5,    15,    60,    300,   900,
                                         1800, 3600, 10800, 21600, 43200, 86400};
};

/// Where the counts live. Paths are absolute.
struct StoreOptions {
  std::filesystem::path path{};
  /// Notes what scrapes have seen, to notice a store that was put back from a backup.
  std::filesystem::path guard_path{};
  /// Used when `guard_path` is empty: the guard file gets a name of its own in it. Both empty:
  /// none.
  std::filesystem::path guard_directory{};
};

struct CollectorOptions {
  std::vector<AccountOptions> accounts{};
  MetricsOptions metrics{};
  StoreOptions store{};
  std::string user_agent{};
};

/// Checks one account's options: ranges, relations between them (`sweep_window` >= `overlap`
/// >= 1 min, ...), the base URL. The error's message is `KEY: ...`, the key as the configuration
/// file spells it below the account, and names the value and what is accepted. Files are not
/// opened, and filters are only checked for those that the polls set themselves.
Status CheckAccount(const AccountOptions& account);

/// Checks that the paths are there and absolute. Same messages.
Status CheckStore(const StoreOptions& store);

/// Checks the rest: at least one account, unique names, buckets, success codes. Same messages, with
/// the whole key.
Status CheckOptions(const CollectorOptions& options);

}  // namespace acronis
