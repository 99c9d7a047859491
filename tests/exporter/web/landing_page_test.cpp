#include "exporter/web/landing_page.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace acronis::exporter {
namespace {

bool Has(const std::string& page, const std::string& text) {
  return page.find(text) != std::string::npos;
}

constexpr TimePoint kNow(std::chrono::seconds(1'790'000'000));

std::string Render(const std::vector<AccountStatus>& accounts) {
  return RenderLandingPage({.version = "1.2.3", .telemetry_path = "/metrics", .now = kNow},
                           accounts);
}

TEST(LandingPage, NamesVersionAndLinks) {
  const std::string page = Render({});
  EXPECT_TRUE(Has(page, "Version 1.2.3"));
  for (const std::string path : {"/metrics", "/-/healthy", "/-/ready"}) {
    EXPECT_TRUE(Has(page, "<a href=\"" + path + "\">")) << path;
  }
}

TEST(LandingPage, ShowsEachAccount) {
  const std::string page =
      Render({{.name = "emea",
               .up = true,
               .last_poll = kNow - std::chrono::seconds(42),
               .counted = 1234,
               .watermark = kNow - std::chrono::minutes(5)},
              {.name = "apac", .last_poll = kNow, .last_error = "task query: HTTP 500"},
              {.name = "new"}});
  EXPECT_TRUE(Has(page, ">emea</th>"));
  EXPECT_TRUE(Has(page, "good</span> <time datetime=\"2026-09-21T14:12:38Z\"")) << page;
  EXPECT_TRUE(Has(page, ">42 s</time> ago</td>"));
  EXPECT_TRUE(Has(page, ">5 min</time> ago</td>"));
  EXPECT_TRUE(Has(page, ">1,234</td>"));
  EXPECT_TRUE(Has(page, ">none</td>"));
  EXPECT_TRUE(Has(page, "failed</span> <time "));
  EXPECT_TRUE(Has(page, ">task query: HTTP 500</td>"));
  EXPECT_TRUE(Has(page, "not yet</span></td>"));
  EXPECT_TRUE(Has(page, ">first catch-up not complete</td>"));
}

TEST(LandingPage, ShowsFailedAccountsFirst) {
  const std::string page = Render({{.name = "good-1", .up = true, .last_poll = kNow},
                                   {.name = "new-1"},
                                   {.name = "bad-1", .last_poll = kNow},
                                   {.name = "good-2", .up = true, .last_poll = kNow},
                                   {.name = "bad-2", .last_poll = kNow}});
  std::size_t last = 0;
  for (const std::string name : {"bad-1", "bad-2", "new-1", "good-1", "good-2"}) {
    const std::size_t here = page.find('>' + name + "</th>");
    ASSERT_NE(here, std::string::npos) << name;
    EXPECT_LT(last, here) << name;
    last = here;
  }
  EXPECT_TRUE(Has(page, ">5 accounts: 2 failed, 1 not polled yet, 2 good.<")) << page;
}

TEST(LandingPage, CountsASingleAccountAsOne) {
  EXPECT_TRUE(Has(Render({{.name = "a"}}), ">1 account: 0 failed, 1 not polled yet, 0 good.<"));
}

TEST(LandingPage, SaysWhenItWasMade) {
  EXPECT_TRUE(Has(Render({}),
                  "As of <time datetime=\"2026-09-21T14:13:20Z\" "
                  "title=\"2026-09-21T14:13:20Z\">2026-09-21 14:13:20 UTC</time>"))
      << Render({});
}

TEST(LandingPage, GroupsDigits) {
  const auto counted = [](std::uint64_t number) {
    const std::string page = Render({{.name = "a", .counted = number}});
    const std::string start = "class=\"number\">";
    const std::size_t begin = page.rfind(start) + start.size();
    return page.substr(begin, page.find('<', begin) - begin);
  };
  EXPECT_EQ(counted(0), "0");
  EXPECT_EQ(counted(999), "999");
  EXPECT_EQ(counted(1000), "1,000");
  EXPECT_EQ(counted(123456), "123,456");
  EXPECT_EQ(counted(18446744073709551615U), "18,446,744,073,709,551,615");
}

TEST(LandingPage, TellsAgesInTheLargestUnitThatSaysEnough) {
  const auto age = [](std::chrono::seconds behind) {
    const std::string page = Render({{.name = "a", .watermark = kNow - behind}});
    const std::size_t end = page.find("</time> ago</td>");
    const std::size_t begin = page.rfind('>', end - 1) + 1;
    return page.substr(begin, end - begin);
  };
  EXPECT_EQ(age(std::chrono::seconds(119)), "119 s");
  EXPECT_EQ(age(std::chrono::seconds(120)), "2 min");
  EXPECT_EQ(age(std::chrono::minutes(119)), "119 min");
  EXPECT_EQ(age(std::chrono::hours(2)), "2 h");
  EXPECT_EQ(age(std::chrono::hours(49)), "2 d");
  EXPECT_EQ(age(std::chrono::seconds(-7)), "0 s");
}

TEST(LandingPage, CutsLongErrorsBetweenCharacters) {
  std::string error(299, 'x');
  error += "\xC3\xA4 and more";
  const std::string page = Render({{.name = "a", .last_error = error}});
  EXPECT_TRUE(Has(page, std::string(299, 'x') + "...</td>")) << page;
}

TEST(LandingPage, EscapesWhatComesFromOutside) {
  const std::string page =
      RenderLandingPage({.version = "<1>", .telemetry_path = "/a\"b&c", .now = kNow},
                        {{.name = "<script>'x'</script>", .last_error = "<img src=x>"}});
  EXPECT_FALSE(Has(page, "<script>"));
  EXPECT_FALSE(Has(page, "<img"));
  EXPECT_TRUE(Has(page, "&lt;script&gt;&#39;x&#39;&lt;/script&gt;"));
  EXPECT_TRUE(Has(page, "href=\"/a&quot;b&amp;c\""));
  EXPECT_TRUE(Has(page, "Version &lt;1&gt;"));
}

TEST(LandingPage, IsReadableInLightAndDark) {
  EXPECT_TRUE(Has(Render({}), "color-scheme:light dark"));
}

}  // namespace
}  // namespace acronis::exporter
