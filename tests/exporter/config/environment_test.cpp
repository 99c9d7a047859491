#include "exporter/config/environment.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace acronis::exporter {
namespace {

/// An environment block of our own, so that the test's real one stays as it is.
class Block {
 public:
  explicit Block(std::vector<std::string> entries) : entries_(std::move(entries)) {
    for (std::string& entry : entries_) {
      pointers_.push_back(entry.data());
    }
    pointers_.push_back(nullptr);
  }
  char** Get() { return pointers_.data(); }
  const std::string& Entry(std::size_t index) const { return entries_[index]; }

 private:
  std::vector<std::string> entries_;
  std::vector<char*> pointers_;
};

TEST(Environment, ThreeVariablesMakeAnAccount) {
  Block block({"ACRONIS_BASE_URL=https://eu2-cloud.acronis.com", "ACRONIS_CLIENT_ID=abc",
               "ACRONIS_CLIENT_SECRET=hunter2"});
  const auto options = LoadConfig(std::nullopt, TakeEnvironment(block.Get()));
  ASSERT_TRUE(options) << options.error().message;
  ASSERT_EQ(options->accounts.size(), 1U);
  EXPECT_EQ(options->accounts[0].name, "default");
  EXPECT_EQ(options->accounts[0].client_secret.Reveal(), "hunter2");
}

TEST(Environment, TheSecretIsOverwrittenInPlace) {
  Block block({"A=b", "ACRONIS_CLIENT_SECRET=hunter2"});
  const Environment environment = TakeEnvironment(block.Get());
  EXPECT_EQ(environment.client_secret.Reveal(), "hunter2");
  EXPECT_EQ(block.Entry(1), "ACRONIS_CLIENT_SECRET=" + std::string(7, '\0'));
}

TEST(Environment, NamesTheAccount) {
  Block block({"ACRONIS_BASE_URL=https://a", "ACRONIS_CLIENT_ID=abc",
               "ACRONIS_CLIENT_SECRET=hunter2", "ACRONIS_ACCOUNT=emea"});
  const auto options = LoadConfig(std::nullopt, TakeEnvironment(block.Get()));
  ASSERT_TRUE(options);
  EXPECT_EQ(options->accounts[0].name, "emea");
}

TEST(Environment, ProxiesAreHandedOn) {
  Block block({"ACRONIS_BASE_URL=https://a", "ACRONIS_CLIENT_ID=abc",
               "ACRONIS_CLIENT_SECRET=hunter2", "https_proxy=proxy:3128", "NO_PROXY=.local,b"});
  const auto options = LoadConfig(std::nullopt, TakeEnvironment(block.Get()));
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->accounts[0].proxy_environment.https_proxy, "http://proxy:3128");
  EXPECT_EQ(options->accounts[0].proxy_environment.no_proxy, ".local,b");
}

struct BadCase {
  std::string name;
  std::vector<std::string> entries;
  bool file;
  std::string message;
};
class BadEnvironment : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadEnvironment, NamesTheVariable) {
  Block block(GetParam().entries);
  const auto file = GetParam().file ? std::optional<std::filesystem::path>("x.yaml") : std::nullopt;
  const auto options = LoadConfig(file, TakeEnvironment(block.Get()));
  ASSERT_FALSE(options);
  EXPECT_NE(options.error().message.find(GetParam().message), std::string::npos)
      << options.error().message;
  EXPECT_EQ(options.error().message.find("hunter2"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Blocks, BadEnvironment,
    ::testing::Values(
        BadCase{"Nothing", {}, false, "no account is configured: give --config.file, or set"},
        BadCase{"OnlyEmpty", {"ACRONIS_BASE_URL="}, false, "no account is configured"},
        BadCase{"Both",
                {"ACRONIS_CLIENT_ID=a"},
                true,
                "both --config.file and the environment variable ACRONIS_CLIENT_ID"},
        BadCase{"NoUrl",
                {"ACRONIS_CLIENT_ID=a", "ACRONIS_CLIENT_SECRET=hunter2"},
                false,
                "environment: ACRONIS_BASE_URL: ''"},
        BadCase{"NoSecret",
                {"ACRONIS_BASE_URL=https://a", "ACRONIS_CLIENT_ID=a"},
                false,
                "environment: ACRONIS_CLIENT_SECRET or ACRONIS_CLIENT_SECRET_FILE: 'neither'"},
        BadCase{"TwoSecrets",
                {"ACRONIS_BASE_URL=https://a", "ACRONIS_CLIENT_ID=a",
                 "ACRONIS_CLIENT_SECRET=hunter2", "ACRONIS_CLIENT_SECRET_FILE=/x"},
                false,
                "'both'"},
        BadCase{"NoSecretFile",
                {"ACRONIS_BASE_URL=https://a", "ACRONIS_CLIENT_ID=a",
                 "ACRONIS_CLIENT_SECRET_FILE=/nowhere/x"},
                false,
                "ACRONIS_CLIENT_SECRET_FILE: /nowhere/x: there is no such file"},
        BadCase{"Proxy",
                {"ACRONIS_BASE_URL=https://a", "ACRONIS_CLIENT_ID=a",
                 "ACRONIS_CLIENT_SECRET=hunter2", "HTTPS_PROXY=socks5://u:hunter2@p"},
                false,
                "environment: HTTPS_PROXY: "}),
    [](const auto& instance) { return instance.param.name; });

struct PlaceCase {
  std::string name;
  std::vector<std::string> variables;
  std::string state;
  std::string cache;
};
class StandardPlaces : public ::testing::TestWithParam<PlaceCase> {};

TEST_P(StandardPlaces, AreFound) {
  std::vector<std::string> variables = GetParam().variables;
  std::vector<char*> pointers;
  for (std::string& variable : variables) {
    pointers.push_back(variable.data());
  }
  pointers.push_back(nullptr);
  const StandardDirectories found = TakeEnvironment(pointers.data()).directories;
  EXPECT_EQ(found.state, GetParam().state);
  EXPECT_EQ(found.cache, GetParam().cache);
}

INSTANTIATE_TEST_SUITE_P(
    Environments, StandardPlaces,
    ::testing::Values(PlaceCase{"Systemd",
                                {"STATE_DIRECTORY=/s/a:/s/b", "CACHE_DIRECTORY=/c", "HOME=/h"},
                                "/s/a",
                                "/c"},
                      PlaceCase{"Xdg",
                                {"XDG_STATE_HOME=/xs", "XDG_CACHE_HOME=/xc", "HOME=/h"},
                                "/xs/acronis-task-exporter",
                                "/xc/acronis-task-exporter"},
                      PlaceCase{"Home",
                                {"XDG_STATE_HOME=relative", "HOME=/h"},
                                "/h/.local/state/acronis-task-exporter",
                                "/h/.cache/acronis-task-exporter"},
                      PlaceCase{"Nothing",
                                {},
                                "/var/lib/acronis-task-exporter",
                                "/var/cache/acronis-task-exporter"}),
    [](const auto& instance) { return instance.param.name; });

TEST(ChooseStore, TakesTheFlagThenTheFileThenTheUsualPlace) {
  const StandardDirectories places{.state = "/state", .cache = "/cache"};
  StoreOptions store;
  ChooseStore("", places, store);
  EXPECT_EQ(store.path, "/state/ledger.db");
  EXPECT_EQ(store.guard_directory, "/cache");
  store.path = "/file/own.db";
  ChooseStore("", places, store);
  EXPECT_EQ(store.path, "/file/own.db");
  ChooseStore("/flag/../flag.db", places, store);
  EXPECT_EQ(store.path, "/flag.db");
  ChooseStore("here.db", places, store);
  EXPECT_EQ(store.path, std::filesystem::current_path() / "here.db");
}

}  // namespace
}  // namespace acronis::exporter
