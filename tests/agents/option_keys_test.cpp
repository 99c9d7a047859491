#include "plugin/agents/c/option_keys.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace acronis::agents {
namespace {

std::string Refused(std::string_view key, const std::string& value) {
  KeyedOptions options;
  const Status account = SetAccountOption(options, "a", key, value);
  return account ? "" : account.error().message;
}

TEST(OptionKeys, SetAnAccount) {
  KeyedOptions options;
  ASSERT_TRUE(SetSharedOption(options, "poll.interval", "5m"));
  ASSERT_TRUE(SetAccountOption(options, "emea", "base_url", "https://eu2-cloud.acronis.com"));
  ASSERT_TRUE(SetAccountOption(options, "emea", "filters.queue", "backup"));
  ASSERT_TRUE(SetAccountOption(options, "emea", "filters.queue", "restore"));
  ASSERT_TRUE(SetAccountOption(options, "emea", "poll.start", "now"));
  ASSERT_TRUE(SetAccountOption(options, "emea", "poll.page_size", "100"));
  ASSERT_TRUE(SetAccountOption(options, "emea", "client_secret_file", "/etc/secret"));
  ASSERT_TRUE(SetAccountOption(options, "us", "poll.field", "updatedAt"));
  ASSERT_EQ(options.collector.accounts.size(), 2U);
  const AccountOptions& emea = options.collector.accounts[0];
  EXPECT_EQ(emea.name, "emea");
  EXPECT_EQ(emea.poll.interval, std::chrono::minutes(5));
  EXPECT_EQ(emea.filters.size(), 2U);
  EXPECT_EQ(emea.poll.start, StartAt{StartAt::Now{}});
  EXPECT_EQ(emea.poll.page_size, 100);
  EXPECT_EQ(emea.client_secret_file, "/etc/secret");
  EXPECT_EQ(options.collector.accounts[1].poll.field, PollField::kUpdatedAt);
}

TEST(OptionKeys, SetWhatAllShare) {
  KeyedOptions options;
  ASSERT_TRUE(SetSharedOption(options, "store.path", "/var/lib/x/ledger.db"));
  ASSERT_TRUE(SetSharedOption(options, "metrics.success_codes", "ok,cancelled"));
  ASSERT_TRUE(SetSharedOption(options, "metrics.series_hold", "0"));
  ASSERT_TRUE(SetSharedOption(options, "metrics.series_limit", "500"));
  EXPECT_EQ(options.collector.store.path, "/var/lib/x/ledger.db");
  EXPECT_EQ(options.collector.metrics.success_codes, (std::vector<std::string>{"ok", "cancelled"}));
  EXPECT_EQ(options.collector.metrics.series_hold, std::chrono::nanoseconds::zero());
  EXPECT_EQ(options.collector.metrics.series_limit, 500U);
}

TEST(OptionKeys, SayWhatIsAccepted) {
  EXPECT_EQ(Refused("poll.interval", "often"),
            "poll.interval: 'often' is not accepted: must be a duration such as 500ms, 30s, 1h30m, "
            "7d (units y w d h m s ms, largest first)");
  EXPECT_EQ(Refused("poll.page_size", "10x"),
            "poll.page_size: '10x' is not accepted: must be a whole number");
  EXPECT_EQ(Refused("client_secret_file", "secret"),
            "client_secret_file: 'secret' is not accepted: must be an absolute path");
  EXPECT_NE(Refused("poll.start", "someday").find("now, a duration"), std::string::npos);
  EXPECT_EQ(Refused("poll.field", "createdAt"),
            "poll.field: 'createdAt' is not accepted: must be completedAt or updatedAt");
}

TEST(OptionKeys, ListWhatThereIs) {
  const std::string message = Refused("base_ulr", "x");
  EXPECT_TRUE(message.starts_with("there is no option 'base_ulr'; options are: base_url, "))
      << message;
  EXPECT_NE(message.find("poll.sweep.window"), std::string::npos) << message;
  KeyedOptions options;
  EXPECT_FALSE(SetSharedOption(options, "client_id", "x")) << "it is an account's";
}

TEST(OptionKeys, KeepTheOldValueOfWhatIsRefused) {
  KeyedOptions options;
  ASSERT_TRUE(SetSharedOption(options, "poll.interval", "5m"));
  ASSERT_FALSE(SetSharedOption(options, "poll.interval", "often"));
  EXPECT_EQ(options.poll.interval, std::chrono::minutes(5));
  ASSERT_FALSE(SetSharedOption(options, "poll.page_size", "7 "));
  EXPECT_EQ(options.poll.page_size, PollOptions().page_size);
}

}  // namespace
}  // namespace acronis::agents
