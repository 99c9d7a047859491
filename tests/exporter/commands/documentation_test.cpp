#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "exporter/commands/command_line.h"
#include "exporter/config/config_file.h"
#include "exporter/log/stream_logger.h"

namespace acronis::exporter {
namespace {

std::string Read(const std::string& path) {
  std::ifstream file(std::string(ACRONIS_SOURCE_ROOT) + "/" + path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A key or flag counts as documented where it begins a row of a table.
bool HasRow(const std::string& page, const std::string& name) {
  return page.find("\n| `" + name + "`") != std::string::npos;
}

TEST(ConfigurationPage, HasARowForEveryKey) {
  const std::string page = Read("docs/configuration.md");
  for (const std::string& key : KnownConfigKeys()) {
    // An account's poll block has the keys of the shared one.
    constexpr const char* kOverrides = "accounts[].poll.";
    const std::string name = key.starts_with(kOverrides) ? key.substr(11) : key;
    EXPECT_TRUE(HasRow(page, name)) << name;
  }
}

TEST(ConfigurationPage, HasNoRowForAKeyThatIsNone) {
  const std::string page = Read("docs/configuration.md");
  const std::set<std::string> known = KnownConfigKeys();
  const std::string head = "\n| `";
  for (std::size_t at = 0; (at = page.find(head, at)) != std::string::npos;) {
    at += head.size();
    const std::string name = page.substr(at, page.find('`', at) - at);
    const bool is_key =
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_.[]") == std::string::npos &&
        (name.find('.') != std::string::npos || known.contains(name));
    EXPECT_TRUE(!is_key || known.contains(name)) << name;
  }
}

TEST(ConfigurationPage, HasARowForEveryFlag) {
  const std::string page = Read("docs/configuration.md");
  for (const std::string& flag : KnownFlags()) {
    const std::string name = flag.substr(flag.find("--"));
    EXPECT_TRUE(HasRow(page, name)) << flag;
  }
}

TEST(ConfigurationPage, HasARowForEveryVariable) {
  const std::string page = Read("docs/configuration.md");
  for (const char* const name :
       {"ACRONIS_BASE_URL", "ACRONIS_CLIENT_ID", "ACRONIS_CLIENT_SECRET",
        "ACRONIS_CLIENT_SECRET_FILE", "ACRONIS_ACCOUNT", "HTTPS_PROXY", "NO_PROXY"}) {
    EXPECT_TRUE(HasRow(page, name)) << name;
  }
}

TEST(ExampleConfiguration, IsAcceptedButForItsSecretFile) {
  const auto options = ParseConfig(Read("docs/examples/config.yaml"), "/nowhere/config.yaml");
  ASSERT_FALSE(options);
  const std::string& message = options.error().message;
  EXPECT_NE(message.find("client_secret_file: "), std::string::npos) << message;
  EXPECT_NE(message.find("there is no such file"), std::string::npos) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << "nothing else is wrong:\n" << message;
}

}  // namespace
}  // namespace acronis::exporter
