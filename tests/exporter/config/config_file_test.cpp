#include "exporter/config/config_file.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace acronis::exporter {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// A folder with a secret in it, gone with the test.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "config-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
    Write("secret", "s3cr3t\n");
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::filesystem::path Write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }
  const std::filesystem::path& Path() const { return path_; }

 private:
  std::filesystem::path path_;
};

constexpr const char* kAccount =
    "accounts:\n"
    "  - name: emea\n"
    "    base_url: https://eu2-cloud.acronis.com\n"
    "    client_id: 4e10\n"
    "    client_secret_file: secret\n";

Result<CollectorOptions> Load(const std::string& text) {
  const Folder folder;
  return LoadConfigFile(folder.Write("config.yaml", text));
}

TEST(ConfigFile, AFewLinesAreEnough) {
  const auto options = Load(kAccount);
  ASSERT_TRUE(options) << options.error().message;
  ASSERT_EQ(options->accounts.size(), 1U);
  EXPECT_EQ(options->accounts[0].name, "emea");
  EXPECT_EQ(options->accounts[0].client_id, "4e10");
  EXPECT_EQ(options->accounts[0].poll.interval, seconds(60));
}

TEST(ConfigFile, ReadsEveryKey) {
  const auto options = Load(
      "accounts:\n"
      "  - name: emea\n"
      "    base_url: https://eu2-cloud.acronis.com\n"
      "    client_id: abc\n"
      "    client_secret_file: secret\n"
      "    ca_file: secret\n"
      "    proxy_url: http://proxy:3128\n"
      "    tenant: 0f8fad5b-d9cb-469f-a165-70867728950e\n"
      "    filters: {queue: [a, b], policyType: backup}\n"
      "    poll: {interval: 30s, sweep: {every: 1h}}\n"
      "poll:\n"
      "  interval: 2m\n"
      "  overlap: 20m\n"
      "  sweep: {every: 3h, window: 2d}\n"
      "  settle: 0s\n"
      "  retention: 30d\n"
      "  start: 2020-04-22T11:00:00Z\n"
      "  field: updatedAt\n"
      "  page_size: 100\n"
      "  lod: short\n"
      "  concurrency: 2\n"
      "  max_requests_per_minute: 60\n"
      "  connect_timeout: 500ms\n"
      "  request_timeout: 1m\n"
      "metrics:\n"
      "  series_hold: 0s\n"
      "  series_limit: 5000\n"
      "  created_samples: true\n"
      "  success_codes: [ok]\n"
      "  duration_buckets: [0.5, 1, 1e2]\n"
      "  queue_wait_buckets: []\n"
      "store:\n"
      "  path: ledger.db\n"
      "  guard_path: /var/guard\n");
  ASSERT_TRUE(options) << options.error().message;
  const AccountOptions& account = options->accounts.at(0);
  EXPECT_EQ(account.proxy_url, "http://proxy:3128");
  EXPECT_EQ(account.tenant, "0f8fad5b-d9cb-469f-a165-70867728950e");
  EXPECT_TRUE(account.ca_file.is_absolute());
  const std::vector<std::pair<std::string, std::string>> filters = {
      {"queue", "a"}, {"queue", "b"}, {"policyType", "backup"}};
  EXPECT_EQ(account.filters, filters);
  EXPECT_EQ(account.poll.interval, seconds(30)) << "the account's own value wins";
  EXPECT_EQ(account.poll.sweep_every, hours(1));
  EXPECT_EQ(account.poll.sweep_window, hours(48)) << "what the account leaves out is shared";
  EXPECT_EQ(account.poll.overlap, minutes(20));
  EXPECT_EQ(account.poll.settle, seconds(0));
  EXPECT_EQ(account.poll.retention, hours(720));
  EXPECT_EQ(std::get<TimePoint>(account.poll.start.value), TimePoint(seconds(1587553200)));
  EXPECT_EQ(account.poll.field, PollField::kUpdatedAt);
  EXPECT_EQ(account.poll.page_size, 100);
  EXPECT_EQ(account.poll.lod, "short");
  EXPECT_EQ(account.poll.concurrency, 2);
  EXPECT_EQ(account.poll.max_requests_per_minute, 60);
  EXPECT_EQ(account.poll.connect_timeout, milliseconds(500));
  EXPECT_EQ(account.poll.request_timeout, minutes(1));
  EXPECT_EQ(options->metrics.series_hold, seconds(0));
  EXPECT_EQ(options->metrics.series_limit, 5000U);
  EXPECT_TRUE(options->metrics.created_samples);
  EXPECT_EQ(options->metrics.success_codes, std::vector<std::string>{"ok"});
  EXPECT_EQ(options->metrics.duration_buckets, (std::vector<double>{0.5, 1, 100}));
  EXPECT_EQ(options->metrics.queue_wait_buckets, MetricsOptions().queue_wait_buckets);
  EXPECT_EQ(options->store.path.filename(), "ledger.db");
  EXPECT_TRUE(options->store.path.is_absolute()) << "relative to the file's folder";
  EXPECT_EQ(options->store.guard_path, "/var/guard");
}

struct StartCase {
  std::string name;
  std::string text;
  std::size_t kind;
};
class ConfigStart : public ::testing::TestWithParam<StartCase> {};

TEST_P(ConfigStart, IsNowABackwardsDurationOrADate) {
  const auto options = Load(std::string(kAccount) + "poll: {start: " + GetParam().text + "}\n");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->accounts[0].poll.start.value.index(), GetParam().kind);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ConfigStart,
    ::testing::Values(StartCase{"Now", "now", 0}, StartCase{"Back", "36h", 1},
                      StartCase{"Rfc3339", "2020-04-22T11:00:00.5+02:00", 2},
                      StartCase{"Rfc1123", "\"Wed, 22 Apr 2020 11:00:00 GMT\"", 2},
                      StartCase{"Rfc850", "\"Wednesday, 22-Apr-20 11:00:00 UTC\"", 2},
                      StartCase{"AnsiC", "Wed Apr 22 11:00:00 2020", 2},
                      StartCase{"UnixSeconds", "1587553200", 2},
                      StartCase{"UnixNanoseconds", "1587553200000000000ns", 2}),
    [](const auto& instance) { return instance.param.name; });

TEST(ConfigFile, WindowsLineEndsAndAByteOrderMarkDoNotMatter) {
  std::string text = "\xEF\xBB\xBF" + std::string(kAccount);
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) {
    text.insert(at, "\r");
  }
  const auto options = Load(text);
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->accounts[0].name, "emea");
}

TEST(ConfigFile, AnEmptySectionKeepsTheDefaults) {
  const auto options = Load(std::string(kAccount) + "poll:\n  # interval: 60s\nmetrics:\n");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->accounts[0].poll.interval, seconds(60));
}

struct BadCase {
  std::string name;
  std::string text;  ///< Behind kAccount.
  std::string place;
  std::string accepted;
};
class BadConfig : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadConfig, NamesFileLineKeyAndWhatIsAccepted) {
  const auto options = Load(kAccount + GetParam().text);
  ASSERT_FALSE(options);
  const std::string& message = options.error().message;
  EXPECT_NE(message.find("config.yaml:" + GetParam().place), std::string::npos) << message;
  EXPECT_NE(message.find(GetParam().accepted), std::string::npos) << message;
  EXPECT_EQ(message.find("hunter2"), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    Files, BadConfig,
    ::testing::Values(
        BadCase{"UnknownKey", "pol: {}\n", "6: pol: unknown key", "did you mean poll?"},
        BadCase{"UnknownDeepKey", "poll:\n  sweep: {evry: 1h}\n", "7: poll.sweep.evry: unknown key",
                "did you mean every?"},
        BadCase{"UnknownFarKey", "zebra: 1\n", "6: zebra: unknown key",
                "(accepted here: accounts, metrics, poll, store)"},
        BadCase{"AccountKey", "    client_secret: hunter2\n",
                "6: accounts[0].client_secret: unknown key", "did you mean client_secret_file?"},
        BadCase{"AccountPoll", "    poll: {intervall: 5s}\n",
                "6: accounts[0].poll.intervall: unknown key", "did you mean interval?"},
        BadCase{"KeyTwice", "    name: other\n", "6: the key 'name' is given twice", ""},
        BadCase{"DurationWithoutUnit", "poll: {interval: 60}\n", "6: poll.interval: '60'", "1h30m"},
        BadCase{"DurationIsList", "poll: {interval: [1s]}\n", "6: poll.interval: a list", "7d"},
        BadCase{"DurationIsNothing", "poll:\n  interval:\n", "7: poll.interval: nothing", "30s"},
        BadCase{"TextIsMap", "    tenant: {a: b}\n", "6: accounts[0].tenant: a map", "a text"},
        BadCase{"IntegerIsText", "poll: {page_size: many}\n", "6: poll.page_size: 'many'",
                "a whole number"},
        BadCase{"IntegerIsQuoted", "poll: {page_size: '5'}\n", "6: poll.page_size: '5'",
                "a whole number"},
        BadCase{"IntegerIsFraction", "poll: {page_size: 1.5}\n", "6: poll.page_size: '1.5'",
                "a whole number"},
        BadCase{"IntegerIsHuge", "poll: {page_size: 99999999999}\n",
                "6: poll.page_size:", "a whole number"},
        BadCase{"Limit", "metrics: {series_limit: -1}\n", "6: metrics.series_limit: '-1'",
                "a whole number from 0"},
        BadCase{"SwitchIsNumber", "metrics: {created_samples: 1}\n",
                "6: metrics.created_samples: '1'", "true or false"},
        BadCase{"SwitchIsQuoted", "metrics: {created_samples: \"true\"}\n",
                "6: metrics.created_samples: 'true'", "true or false"},
        BadCase{"PollIsText", "poll: fast\n", "6: poll: 'fast'", "a map of keys"},
        BadCase{"NumbersAreTexts", "metrics: {duration_buckets: [a]}\n",
                "6: metrics.duration_buckets: 'a'", "a list of numbers"},
        BadCase{"NotANumber", "metrics: {duration_buckets: [1, nan]}\n",
                "6: metrics.duration_buckets: 'nan'", "finite"},
        BadCase{"CodesAreText", "metrics: {success_codes: ok}\n", "6: metrics.success_codes: 'ok'",
                "a list of texts"},
        BadCase{"WrongCode", "metrics:\n  success_codes:\n    - fine\n",
                "7: metrics.success_codes: 'fine'", "ok, warning, error"},
        BadCase{"Start", "poll: {start: yesterday}\n", "6: poll.start: 'yesterday'", "RFC 3339"},
        BadCase{"Field", "poll: {field: startedAt}\n", "6: poll.field: 'startedAt'",
                "completedAt or updatedAt"},
        BadCase{"PageSize", "poll:\n\n  page_size: 1001\n", "8: poll.page_size: '1001'",
                "1 to 1000"},
        BadCase{"AccountPageSize", "    poll:\n      page_size: 0\n",
                "7: accounts[0].poll.page_size: '0'", "1 to 1000"},
        BadCase{"Overlap", "poll: {overlap: 30s}\n", "6: poll.overlap: '30s'", "between 1m"},
        BadCase{"Window", "poll:\n  sweep:\n    window: 5m\n", "8: poll.sweep.window: '5m'",
                "at least poll.overlap, which is 15m"},
        BadCase{"Proxy", "    proxy_url: socks5://u:hunter2@p\n",
                "6: accounts[0].proxy_url:", "http://"},
        BadCase{"CaFile", "    ca_file: missing.pem\n",
                "6: accounts[0].ca_file: ", "there is no such file"},
        BadCase{"FilterOfThePolls", "    filters: {state: started}\n",
                "6: accounts[0].filters.state: ", "itself"},
        BadCase{"UnknownFilter", "    filters:\n      queueName: x\n",
                "7: accounts[0].filters.queueName: ", "queue"},
        BadCase{"FilterIsMap", "    filters: {queue: {a: b}}\n",
                "6: accounts[0].filters.queue: ", "a list of texts"},
        BadCase{"SecondAccount",
                "  - {name: emea, base_url: https://a, client_id: b, client_secret_file: secret}\n",
                "6: accounts[1].name: 'emea'", "another account"},
        BadCase{"AccountIsText", "  - emea\n", "6: accounts[1]: 'emea'", "a map"},
        BadCase{"Alias", "poll: &p {}\nmetrics: *p\n", "6: anchors", "not accepted"},
        BadCase{"Tag", "store: {path: !!binary aGk=}\n", "6: the tag", "not accepted"},
        BadCase{"TwoDocuments", "---\na: b\n", "7: only one YAML document", ""},
        BadCase{"NotYaml", "poll: {interval: 60s\n", "", "not valid YAML"},
        BadCase{"Tab", "poll:\n\tinterval: 60s\n", "7: not valid YAML", ""},
        BadCase{"Nul", std::string("store: {path: a\0b}\n", 19), "6: the file must be UTF-8",
                "NUL"},
        BadCase{"NotUtf8", "# \xFF\n", "6: the file must be UTF-8", ""}),
    [](const auto& instance) { return instance.param.name; });

struct BadFileCase {
  std::string name;
  std::string text;
  std::string message;
};
class BadFile : public ::testing::TestWithParam<BadFileCase> {};

TEST_P(BadFile, IsRefused) {
  const auto options = Load(GetParam().text);
  ASSERT_FALSE(options);
  EXPECT_NE(options.error().message.find(GetParam().message), std::string::npos)
      << options.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Files, BadFile,
    ::testing::Values(
        BadFileCase{"Empty", "", "accounts: '[]' is not accepted: at least one account"},
        BadFileCase{"NoAccounts", "accounts: []\n", "config.yaml:1: accounts: "},
        BadFileCase{"AText", "hello\n", "config.yaml:1: (the whole file): 'hello'"},
        BadFileCase{"NoName", "accounts:\n  - client_id: a\n",
                    "config.yaml:2: accounts[0].name: ''"},
        BadFileCase{"TooLarge", std::string(kMaxConfigBytes + 1, '#'), "is larger than 1048576"},
        BadFileCase{"TooDeep", "a: " + std::string(10000, '[') + "\n", "config.yaml:1: "},
        BadFileCase{"ManyKeys",
                    [] {
                      std::string text;
                      for (int key = 0; key < 5000; ++key) {
                        text += "k" + std::to_string(key) + ": 1\n";
                      }
                      return text;
                    }(),
                    "config.yaml:1001: more than 1000 keys"},
        BadFileCase{"ManyAccounts", "accounts: [" + std::string(3000, ',') + "]\n",
                    "config.yaml:1"},
        BadFileCase{"AliasBomb",
                    "a: &a [x,x,x,x,x,x,x,x]\n"
                    "b: &b [*a,*a,*a,*a,*a,*a,*a,*a]\n"
                    "c: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n",
                    "config.yaml:1: anchors"}),
    [](const auto& instance) { return instance.param.name; });

TEST(ConfigFile, AFileOfOneMebibyteIsRead) {
  std::string text = kAccount;
  text += "#" + std::string(kMaxConfigBytes - text.size() - 1, 'x');
  EXPECT_TRUE(Load(text));
}

TEST(ConfigFile, ShowsEveryProblemAtOnce) {
  const auto options = Load(std::string(kAccount) + "pol: 1\nmetrics: {series_limit: x}\n");
  ASSERT_FALSE(options);
  EXPECT_NE(options.error().message.find(":6: pol:"), std::string::npos);
  EXPECT_NE(options.error().message.find(":7: metrics.series_limit:"), std::string::npos);
}

TEST(ConfigFile, ADirectoryOrAMissingFileIsNamed) {
  const Folder folder;
  const auto directory = LoadConfigFile(folder.Path());
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().message, folder.Path().string() + ": is a directory, not a file");
  const auto missing = LoadConfigFile(folder.Path() / "none.yaml");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("there is no such file"), std::string::npos);
}

TEST(ConfigFile, AnEmptySecretFileIsRefused) {
  const Folder folder;
  folder.Write("secret", "");
  const auto options = LoadConfigFile(folder.Write("config.yaml", kAccount));
  ASSERT_FALSE(options);
  EXPECT_NE(options.error().message.find("config.yaml:5: accounts[0].client_secret_file: "),
            std::string::npos)
      << options.error().message;
  EXPECT_NE(options.error().message.find("is empty"), std::string::npos);
}

}  // namespace
}  // namespace acronis::exporter
