#include "plugin/core/options.h"

#include <chrono>
#include <functional>
#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace acronis {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

AccountOptions GoodAccount() {
  AccountOptions account;
  account.name = "emea";
  account.base_url = "https://eu2-cloud.acronis.com";
  account.client_id = "4f1c";
  account.client_secret = Secret("hunter2");
  return account;
}

CollectorOptions GoodOptions() {
  CollectorOptions options;
  options.accounts = {GoodAccount()};
  return options;
}

TEST(CheckAccount, AcceptsTheDefaults) {
  const Status result = CheckAccount(GoodAccount());
  EXPECT_TRUE(result) << result.error().message;
}

struct GoodCase {
  std::string name;
  std::function<void(AccountOptions&)> change;
};
class CheckAccountGood : public ::testing::TestWithParam<GoodCase> {};

TEST_P(CheckAccountGood, Accepts) {
  AccountOptions account = GoodAccount();
  GetParam().change(account);
  const Status result = CheckAccount(account);
  EXPECT_TRUE(result) << result.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Accounts, CheckAccountGood,
    ::testing::Values(
        GoodCase{"TrailingSlash", [](auto& a) { a.base_url = "https://eu2.acronis.cloud/"; }},
        GoodCase{"Port", [](auto& a) { a.base_url = "https://localhost:8443"; }},
        GoodCase{"LoopbackHttp", [](auto& a) { a.base_url = "http://127.0.0.1:8080"; }},
        GoodCase{"LoopbackHttpV6", [](auto& a) { a.base_url = "http://[::1]:8080"; }},
        GoodCase{"LocalhostHttp", [](auto& a) { a.base_url = "http://localhost:1"; }},
        GoodCase{"SecretFile",
                 [](auto& a) {
                   a.client_secret = Secret();
                   a.client_secret_file = "/run/secret";
                 }},
        GoodCase{"Proxy", [](auto& a) { a.proxy_url = "http://me:pass@proxy.example:3128"; }},
        GoodCase{"Tenant", [](auto& a) { a.tenant = "0f8fad5b-d9cb-469f-a165-70867728950E"; }},
        GoodCase{"UnicodeName", [](auto& a) { a.name = "Zürich 1"; }},
        GoodCase{"NoSettle", [](auto& a) { a.poll.settle = seconds(0); }},
        GoodCase{"WindowIsOverlap",
                 [](auto& a) { a.poll.sweep_window = a.poll.overlap = minutes(1); }},
        GoodCase{"StartNow", [](auto& a) { a.poll.start.value = StartAt::Now{}; }},
        GoodCase{"StartAtRetention", [](auto& a) { a.poll.start.value = a.poll.retention; }},
        GoodCase{"StartAtDate", [](auto& a) { a.poll.start.value = TimePoint(hours(1)); }},
        GoodCase{"LargestPage", [](auto& a) { a.poll.page_size = 1000; }},
        GoodCase{"SmallestPage", [](auto& a) { a.poll.page_size = 1; }},
        GoodCase{"Lod", [](auto& a) { a.poll.lod = "full"; }},
        GoodCase{"Filter",
                 [](auto& a) {
                   a.filters = {{"queue", "q"}, {"policyType", "backup"}};
                 }}),
    [](const auto& instance) { return instance.param.name; });

struct BadCase {
  std::string name;
  std::function<void(AccountOptions&)> change;
  std::string key;
  std::string accepted;
};
class CheckAccountBad : public ::testing::TestWithParam<BadCase> {};

TEST_P(CheckAccountBad, NamesTheKeyAndWhatIsAccepted) {
  AccountOptions account = GoodAccount();
  GetParam().change(account);
  const Status result = CheckAccount(account);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_TRUE(result.error().message.starts_with(GetParam().key + ": ")) << result.error().message;
  EXPECT_NE(result.error().message.find(GetParam().accepted), std::string::npos)
      << result.error().message;
  EXPECT_EQ(result.error().message.find("hunter2"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Identity, CheckAccountBad,
    ::testing::Values(
        BadCase{"EmptyName", [](auto& a) { a.name = ""; }, "name", "1 to 128"},
        BadCase{"BlankName", [](auto& a) { a.name = "  "; }, "name", "1 to 128"},
        BadCase{"LongName", [](auto& a) { a.name = std::string(129, 'x'); }, "name", "1 to 128"},
        BadCase{"ControlInName", [](auto& a) { a.name = "a\nb"; }, "name", "printable"},
        BadCase{"NoUrl", [](auto& a) { a.base_url = ""; }, "base_url", "https://HOST"},
        BadCase{"NoScheme", [](auto& a) { a.base_url = "x.com"; }, "base_url", "https://HOST"},
        BadCase{"RemoteHttp", [](auto& a) { a.base_url = "http://x.com"; }, "base_url", "loopback"},
        BadCase{"NotLoopback", [](auto& a) { a.base_url = "http://127.0.0.1.evil.com"; },
                "base_url", "loopback"},
        BadCase{"OtherScheme", [](auto& a) { a.base_url = "ftp://x.com"; }, "base_url", "https"},
        BadCase{"NoHost", [](auto& a) { a.base_url = "https://"; }, "base_url", "HOST"},
        BadCase{"Path", [](auto& a) { a.base_url = "https://x.com/api"; }, "base_url", "path"},
        BadCase{"Query", [](auto& a) { a.base_url = "https://x.com?a=b"; }, "base_url", "query"},
        BadCase{"BadPort", [](auto& a) { a.base_url = "https://x.com:99999"; }, "base_url", "PORT"},
        BadCase{"NoPort", [](auto& a) { a.base_url = "https://x.com:"; }, "base_url", "PORT"},
        BadCase{"Space", [](auto& a) { a.base_url = "https://x .com"; }, "base_url", "HOST"},
        BadCase{"User", [](auto& a) { a.base_url = "https://u:hunter2@x.com"; }, "base_url",
                "without user"},
        BadCase{"NoClientId", [](auto& a) { a.client_id = ""; }, "client_id", "API client"},
        BadCase{"ColonInClientId", [](auto& a) { a.client_id = "a:b"; }, "client_id", "colons"},
        BadCase{"NoSecret", [](auto& a) { a.client_secret = Secret(); }, "client_secret_file",
                "exactly one"},
        BadCase{"TwoSecrets", [](auto& a) { a.client_secret_file = "/s"; }, "client_secret_file",
                "exactly one"},
        BadCase{"SecretOfTwoLines", [](auto& a) { a.client_secret = Secret("hunter2\nx"); },
                "client_secret", "one line"},
        BadCase{"SocksProxy", [](auto& a) { a.proxy_url = "socks5://p:1"; }, "proxy_url", "http"},
        BadCase{"ProxyPassword", [](auto& a) { a.proxy_url = "ftp://u:hunter2@p:1"; }, "proxy_url",
                "(hidden)"},
        BadCase{"Tenant", [](auto& a) { a.tenant = "42"; }, "tenant", "uuid"},
        BadCase{"LongTenant", [](auto& a) { a.tenant = "0f8fad5b-d9cb-469f-a165-70867728950e0"; },
                "tenant", "uuid"},
        BadCase{"StateFilter",
                [](auto& a) {
                  a.filters = {{"state", "started"}};
                },
                "filters.state", "itself"},
        BadCase{"TimeFilter",
                [](auto& a) {
                  a.filters = {{"completedAt", "gt(1)"}};
                },
                "filters.completedAt", "itself"}),
    [](const auto& instance) { return instance.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Poll, CheckAccountBad,
    ::testing::Values(
        BadCase{"NoInterval", [](auto& a) { a.poll.interval = seconds(0); }, "poll.interval",
                "between 1ms"},
        BadCase{"NegativeInterval", [](auto& a) { a.poll.interval = seconds(-90); },
                "poll.interval", "'-1m30s'"},
        BadCase{"HugeInterval", [](auto& a) { a.poll.interval = nanoseconds::max(); },
                "poll.interval", "3650d"},
        BadCase{"ShortOverlap", [](auto& a) { a.poll.overlap = seconds(59); }, "poll.overlap",
                "between 1m"},
        BadCase{"ShortWindow", [](auto& a) { a.poll.sweep_window = minutes(14); },
                "poll.sweep.window", "at least poll.overlap, which is 15m"},
        BadCase{"NoSweep", [](auto& a) { a.poll.sweep_every = seconds(0); }, "poll.sweep.every",
                "between 1ms"},
        BadCase{"NegativeSettle", [](auto& a) { a.poll.settle = milliseconds(-1); }, "poll.settle",
                "between 0s"},
        BadCase{"LongSettle", [](auto& a) { a.poll.settle = minutes(16); }, "poll.settle",
                "at most poll.overlap"},
        BadCase{"StartBehindRetention", [](auto& a) { a.poll.start.value = hours(24 * 91); },
                "poll.start", "at most poll.retention, which is 90d"},
        BadCase{"StartAhead", [](auto& a) { a.poll.start.value = hours(-1); }, "poll.start", "now"},
        BadCase{"NoRetention", [](auto& a) { a.poll.retention = seconds(0); }, "poll.retention",
                "between 1m"},
        BadCase{"ConnectLongerThanRequest", [](auto& a) { a.poll.connect_timeout = hours(1); },
                "poll.connect_timeout", "at most poll.request_timeout, which is 5m"},
        BadCase{"NoRequestTimeout", [](auto& a) { a.poll.request_timeout = seconds(0); },
                "poll.request_timeout", "between 1ms"},
        BadCase{"NoPage", [](auto& a) { a.poll.page_size = 0; }, "poll.page_size", "1 to 1000"},
        BadCase{"BigPage", [](auto& a) { a.poll.page_size = 1001; }, "poll.page_size", "1 to 1000"},
        BadCase{"Lod", [](auto& a) { a.poll.lod = "count"; }, "poll.lod", "tiny"},
        BadCase{"NoConcurrency", [](auto& a) { a.poll.concurrency = 0; }, "poll.concurrency",
                "1 to 64"},
        BadCase{"NoRequests", [](auto& a) { a.poll.max_requests_per_minute = 0; },
                "poll.max_requests_per_minute", "1 to 60000"}),
    [](const auto& instance) { return instance.param.name; });

TEST(CheckOptions, AcceptsTheDefaults) {
  const Status result = CheckOptions(GoodOptions());
  EXPECT_TRUE(result) << result.error().message;
}

struct BadOptionsCase {
  std::string name;
  std::function<void(CollectorOptions&)> change;
  std::string message;
};
class CheckOptionsBad : public ::testing::TestWithParam<BadOptionsCase> {};

TEST_P(CheckOptionsBad, NamesTheKeyAndWhatIsAccepted) {
  CollectorOptions options = GoodOptions();
  GetParam().change(options);
  const Status result = CheckOptions(options);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find(GetParam().message), std::string::npos)
      << result.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Options, CheckOptionsBad,
    ::testing::Values(
        BadOptionsCase{"NoAccount", [](auto& o) { o.accounts.clear(); },
                       "accounts: '[]' is not accepted: at least one"},
        BadOptionsCase{"SameName", [](auto& o) { o.accounts.push_back(GoodAccount()); },
                       "accounts[1].name: 'emea'"},
        BadOptionsCase{"FallingBuckets",
                       [](auto& o) {
                         o.metrics.duration_buckets = {1, 1};
                       },
                       "metrics.duration_buckets: "},
        BadOptionsCase{"ZeroBucket",
                       [](auto& o) {
                         o.metrics.queue_wait_buckets = {0, 1};
                       },
                       "metrics.queue_wait_buckets: "},
        BadOptionsCase{"InfiniteBucket",
                       [](auto& o) {
                         o.metrics.duration_buckets = {1, std::numeric_limits<double>::infinity()};
                       },
                       "finite"},
        BadOptionsCase{"NanBucket",
                       [](auto& o) {
                         o.metrics.duration_buckets = {std::numeric_limits<double>::quiet_NaN()};
                       },
                       "finite"},
        BadOptionsCase{"ManyBuckets",
                       [](auto& o) {
                         o.metrics.duration_buckets.clear();
                         for (int bound = 1; bound <= 61; ++bound) {
                           o.metrics.duration_buckets.push_back(bound);
                         }
                       },
                       "at most 60"},
        BadOptionsCase{"UnknownCode", [](auto& o) { o.metrics.success_codes = {"fine"}; },
                       "'fine' is not accepted: must be one or more of ok, warning"},
        BadOptionsCase{"CodeTwice",
                       [](auto& o) {
                         o.metrics.success_codes = {"ok", "ok"};
                       },
                       "each once"},
        BadOptionsCase{"NoCode", [](auto& o) { o.metrics.success_codes.clear(); },
                       "metrics.success_codes"},
        BadOptionsCase{"NoSeries", [](auto& o) { o.metrics.series_limit = 0; },
                       "metrics.series_limit"},
        BadOptionsCase{"NegativeHold", [](auto& o) { o.metrics.series_hold = seconds(-1); },
                       "metrics.series_hold"}),
    [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace acronis
