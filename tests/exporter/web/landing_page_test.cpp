#include "exporter/web/landing_page.h"

#include <chrono>
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
  EXPECT_TRUE(Has(page, ">good, <time datetime=\"2026-09-21T14:12:38Z\"")) << page;
  EXPECT_TRUE(Has(page, ">42 s</time> ago</td>"));
  EXPECT_TRUE(Has(page, ">5 min</time></td>"));
  EXPECT_TRUE(Has(page, ">1234</td>"));
  EXPECT_TRUE(Has(page, ">none</td>"));
  EXPECT_TRUE(Has(page, ">failed, <time "));
  EXPECT_TRUE(Has(page, ">task query: HTTP 500</td>"));
  EXPECT_TRUE(Has(page, ">not yet</td>"));
  EXPECT_TRUE(Has(page, ">first catch-up is running</td>"));
}

TEST(LandingPage, TellsAgesInTheLargestUnitThatSaysEnough) {
  const auto age = [](std::chrono::seconds behind) {
    const std::string page = Render({{.name = "a", .watermark = kNow - behind}});
    const std::size_t end = page.find("</time></td>");
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
