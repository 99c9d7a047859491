#include "plugin/core/options.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <set>
#include <string_view>

#include "plugin/core/duration.h"
#include "plugin/core/task.h"
#include "plugin/core/time_format.h"

namespace acronis {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// Keeps every sum of a time and a few durations far inside 64-bit nanoseconds.
constexpr nanoseconds kLongestDuration = hours(24 * 3650);
constexpr std::size_t kMaxNameBytes = 128;
constexpr std::size_t kMaxBuckets = 60;
/// What the polls set themselves; a filter of that name would contradict them.
constexpr std::array<std::string_view, 7> kReservedFilters = {
    "after", "completedAt", "limit", "lod", "order", "state", "updatedAt"};

Error Refuse(std::string_view key, std::string_view value, std::string_view accepted) {
  return {ErrorKind::kInvalidArgument, std::string(key) + ": '" + std::string(value) +
                                           "' is not accepted: " + std::string(accepted)};
}

struct Unit {
  nanoseconds length;
  std::string_view suffix;
};
constexpr std::array kUnits = {Unit{hours(24), "d"}, Unit{hours(1), "h"}, Unit{minutes(1), "m"},
                               Unit{seconds(1), "s"}, Unit{milliseconds(1), "ms"}};

/// As the configuration file writes it: `1h30m`.
std::string ToText(nanoseconds duration) {
  std::string text = duration < nanoseconds::zero() ? "-" : "";
  nanoseconds rest = std::chrono::abs(duration);
  for (const Unit& unit : kUnits) {
    if (rest >= unit.length) {
      text += std::to_string(rest / unit.length) + std::string(unit.suffix);
      rest %= unit.length;
    }
  }
  return text.empty() || text == "-" ? "0s" : text;
}

Status CheckDuration(std::string_view key, nanoseconds value, nanoseconds least) {
  if (value < least || value > kLongestDuration) {
    return Refuse(key, ToText(value),
                  "must be between " + ToText(least) + " and " + ToText(kLongestDuration));
  }
  return Ok{};
}

Status CheckInteger(std::string_view key, int value, int least, int most) {
  if (value < least || value > most) {
    return Refuse(
        key, std::to_string(value),
        "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return Ok{};
}

/// The first error, or Ok.
Status FirstOf(std::initializer_list<Status> results) {
  for (const Status& result : results) {
    if (!result) {
      return result;
    }
  }
  return Ok{};
}

bool IsControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

bool HasControl(std::string_view text) {
  return std::ranges::any_of(text, IsControl);
}

bool HasControlOrSpace(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return IsControl(c) || c == ' '; });
}

Status CheckName(const AccountOptions& account) {
  const bool blank = account.name.find_first_not_of(' ') == std::string::npos;
  if (blank || account.name.size() > kMaxNameBytes || HasControl(account.name)) {
    return Refuse("name", account.name,
                  "must be 1 to " + std::to_string(kMaxNameBytes) +
                      " printable bytes; it becomes the label `account`");
  }
  return Ok{};
}

/// A URL's parts, as far as they are checked here.
struct UrlParts {
  std::string_view scheme;
  std::string_view host;  ///< Without brackets.
  std::string_view port;
  std::string_view path;
  bool has_user = false;
  bool valid_port = true;
};

bool IsPort(std::string_view text) {
  unsigned port = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && stopped == end && port >= 1 && port <= 65535;
}

UrlParts SplitUrl(std::string_view url) {
  UrlParts parts;
  if (const auto colon = url.find("://"); colon != std::string_view::npos) {
    parts.scheme = url.substr(0, colon);
    url.remove_prefix(colon + 3);
  }
  const auto path = std::min(url.find_first_of("/?#"), url.size());
  parts.path = url.substr(path);
  url = url.substr(0, path);
  if (const auto at = url.rfind('@'); at != std::string_view::npos) {
    parts.has_user = true;
    url.remove_prefix(at + 1);
  }
  const auto bracket = url.starts_with('[') ? url.find(']') : std::string_view::npos;
  const auto colon = url.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    parts.port = url.substr(colon + 1);
    parts.valid_port = IsPort(parts.port);
    url = url.substr(0, colon);
  }
  parts.host = bracket == std::string_view::npos ? url : url.substr(1, bracket - 1);
  return parts;
}

bool IsHost(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':' || c == '_';
  });
}

bool IsLoopback(std::string_view host) {
  const bool dotted = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host == "localhost" || host == "::1" || (dotted && host.starts_with("127."));
}

Status CheckBaseUrl(const AccountOptions& account) {
  constexpr std::string_view kAccepted =
      "must be https://HOST[:PORT] without user, path or query, for example "
      "https://eu2-cloud.acronis.com; http:// only for a loopback host";
  const UrlParts url = SplitUrl(account.base_url);
  const bool scheme = url.scheme == "https" || (url.scheme == "http" && IsLoopback(url.host));
  const bool bare = !url.has_user && (url.path.empty() || url.path == "/");
  if (!scheme || !bare || !IsHost(url.host) || !url.valid_port) {
    // What stands before an @ may be a password.
    return Refuse("base_url", url.has_user ? "(hidden)" : account.base_url, kAccepted);
  }
  return Ok{};
}

Status CheckProxy(const AccountOptions& account) {
  if (account.proxy_url.empty()) {
    return Ok{};
  }
  const UrlParts url = SplitUrl(account.proxy_url);
  const bool bare = url.path.empty() || url.path == "/";
  if (url.scheme != "http" || !bare || !IsHost(url.host) || !url.valid_port ||
      HasControlOrSpace(account.proxy_url)) {
    return Refuse("proxy_url", url.has_user ? "(hidden)" : account.proxy_url,
                  "must be empty or http://[USER:PASSWORD@]HOST[:PORT]");
  }
  return Ok{};
}

Status CheckCredentials(const AccountOptions& account) {
  if (account.client_id.empty() || HasControlOrSpace(account.client_id) ||
      account.client_id.find(':') != std::string::npos) {
    return Refuse("client_id", account.client_id,
                  "must be the id of an API client, without spaces and colons");
  }
  if (account.client_secret.Empty() == account.client_secret_file.empty()) {
    const std::string_view given = account.client_secret.Empty() ? "neither" : "both";
    return Refuse("client_secret_file", given, "exactly one of secret and secret file is needed");
  }
  if (HasControl(account.client_secret.Reveal())) {
    return Refuse("client_secret", "(hidden)", "must be one line without control characters");
  }
  return Ok{};
}

bool IsUuid(std::string_view text) {
  constexpr std::string_view kPattern = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return std::equal(text.begin(), text.end(), kPattern.begin(), kPattern.end(),
                    [](unsigned char c, char expected) {
                      return expected == 'x' ? std::isxdigit(c) != 0 : c == '-';
                    });
}

Status CheckTenant(const AccountOptions& account) {
  if (!account.tenant.empty() && !IsUuid(account.tenant)) {
    return Refuse("tenant", account.tenant,
                  "must be empty or a uuid such as 0f8fad5b-d9cb-469f-a165-70867728950e");
  }
  return Ok{};
}

Status CheckReservedFilters(const AccountOptions& account) {
  for (const auto& [field, value] : account.filters) {
    if (std::ranges::find(kReservedFilters, field) != kReservedFilters.end()) {
      return Refuse("filters." + field, value, "the exporter sets this parameter itself");
    }
  }
  return Ok{};
}

Status CheckPollTimes(const AccountOptions& account) {
  const PollOptions& poll = account.poll;
  constexpr nanoseconds kTick = milliseconds(1);
  return FirstOf({
      CheckDuration("poll.interval", poll.interval, kTick),
      CheckDuration("poll.overlap", poll.overlap, minutes(1)),
      CheckDuration("poll.sweep.every", poll.sweep_every, kTick),
      CheckDuration("poll.sweep.window", poll.sweep_window, minutes(1)),
      CheckDuration("poll.settle", poll.settle, nanoseconds::zero()),
      CheckDuration("poll.retention", poll.retention, minutes(1)),
      CheckDuration("poll.connect_timeout", poll.connect_timeout, kTick),
      CheckDuration("poll.request_timeout", poll.request_timeout, kTick),
  });
}

Status CheckPollRelations(const AccountOptions& account) {
  const PollOptions& poll = account.poll;
  if (poll.sweep_window < poll.overlap) {
    return Refuse("poll.sweep.window", ToText(poll.sweep_window),
                  "must be at least poll.overlap, which is " + ToText(poll.overlap));
  }
  if (poll.settle > poll.overlap) {
    return Refuse("poll.settle", ToText(poll.settle),
                  "must be at most poll.overlap, which is " + ToText(poll.overlap));
  }
  if (poll.connect_timeout > poll.request_timeout) {
    return Refuse("poll.connect_timeout", ToText(poll.connect_timeout),
                  "must be at most poll.request_timeout, which is " + ToText(poll.request_timeout));
  }
  const auto* const back = std::get_if<nanoseconds>(&poll.start.value);
  if (back != nullptr && (*back < nanoseconds::zero() || *back > poll.retention)) {
    return Refuse("poll.start", ToText(*back),
                  "must be now, a date, or a duration back of at most poll.retention, which is " +
                      ToText(poll.retention));
  }
  return Ok{};
}

Status CheckPollNumbers(const AccountOptions& account) {
  constexpr std::array<std::string_view, 6> kLods = {"", "tiny", "short", "long", "full", "debug"};
  const PollOptions& poll = account.poll;
  if (std::ranges::find(kLods, poll.lod) == kLods.end()) {
    return Refuse("poll.lod", poll.lod, "must be empty, tiny, short, long, full or debug");
  }
  return FirstOf({
      CheckInteger("poll.page_size", poll.page_size, 1, 1000),
      CheckInteger("poll.concurrency", poll.concurrency, 1, 64),
      CheckInteger("poll.max_requests_per_minute", poll.max_requests_per_minute, 1, 60000),
  });
}

Status CheckBuckets(std::string_view key, const std::vector<double>& buckets) {
  if (buckets.size() > kMaxBuckets) {
    return Refuse(key, std::to_string(buckets.size()) + " bounds",
                  "must be at most " + std::to_string(kMaxBuckets));
  }
  double previous = 0;
  for (const double bound : buckets) {
    if (!std::isfinite(bound) || bound <= previous) {
      return Refuse(key, std::to_string(bound),
                    "bounds must be finite seconds above 0, each larger than the one before");
    }
    previous = bound;
  }
  return Ok{};
}

Status CheckSuccessCodes(const std::vector<std::string>& codes) {
  constexpr std::string_view kAccepted =
      "must be one or more of ok, warning, error, cancelled, abandoned, timedout, each once";
  if (codes.empty()) {
    return Refuse("metrics.success_codes", "[]", kAccepted);
  }
  std::set<std::string_view> seen;
  for (const std::string& code : codes) {
    if (ParseResultCode(code) == ResultCode::kUnknown || !seen.insert(code).second) {
      return Refuse("metrics.success_codes", code, kAccepted);
    }
  }
  return Ok{};
}

Status CheckMetrics(const MetricsOptions& metrics) {
  if (metrics.series_limit == 0) {
    return Refuse("metrics.series_limit", "0", "must be a whole number of at least 1");
  }
  return FirstOf({
      CheckDuration("metrics.series_hold", metrics.series_hold, nanoseconds::zero()),
      CheckBuckets("metrics.duration_buckets", metrics.duration_buckets),
      CheckBuckets("metrics.queue_wait_buckets", metrics.queue_wait_buckets),
      CheckSuccessCodes(metrics.success_codes),
  });
}

}  // namespace

std::optional<StartAt> ParseStart(const std::string& text) {
  if (text == "now") {
    return StartAt{StartAt::Now{}};
  }
  if (const auto back = ParseDuration(text)) {
    return StartAt{*back};
  }
  const Result<TimePoint> date = ParseDate(text);
  return date ? std::optional(StartAt{*date}) : std::nullopt;
}

std::string StartForm() {
  return "now, " + std::string(kDurationForm) +
         ", or a date such as 2020-04-22T11:00:00Z (RFC 3339; also RFC 1123, RFC 850, ANSI C, Unix "
         "seconds and Unix nanoseconds followed by ns)";
}

Status CheckAccount(const AccountOptions& account) {
  for (const auto check :
       {CheckName, CheckBaseUrl, CheckCredentials, CheckProxy, CheckTenant, CheckReservedFilters,
        CheckPollTimes, CheckPollRelations, CheckPollNumbers}) {
    if (Status result = check(account); !result) {
      return result;
    }
  }
  return Ok{};
}

Status CheckStore(const StoreOptions& store) {
  constexpr std::string_view kAccepted = "must be the absolute path of a file";
  if (!store.path.is_absolute() || !store.path.has_filename()) {
    return Refuse("store.path", store.path.string(), kAccepted);
  }
  const bool guard = !store.guard_path.empty();
  if (guard && (!store.guard_path.is_absolute() || !store.guard_path.has_filename())) {
    return Refuse("store.guard_path", store.guard_path.string(), kAccepted);
  }
  if (guard && store.guard_path == store.path) {
    return Refuse("store.guard_path", store.guard_path.string(), "must not be the store itself");
  }
  return Ok{};
}

Status CheckOptions(const CollectorOptions& options) {
  if (options.accounts.empty()) {
    return Refuse("accounts", "[]", "at least one account is needed");
  }
  std::set<std::string_view> names;
  for (std::size_t index = 0; index < options.accounts.size(); ++index) {
    const std::string& name = options.accounts[index].name;
    if (!names.insert(name).second) {
      return Refuse("accounts[" + std::to_string(index) + "].name", name,
                    "another account has this name");
    }
  }
  return CheckMetrics(options.metrics);
}

}  // namespace acronis
