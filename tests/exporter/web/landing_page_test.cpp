#include "exporter/web/landing_page.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace acronis::exporter {
namespace {

bool Has(const std::string& page, const std::string& text) {
  return page.find(text) != std::string::npos;
}

TEST(LandingPage, NamesVersionAndLinks) {
  const std::string page = RenderLandingPage("1.2.3", "/metrics", {});
  EXPECT_TRUE(Has(page, "Version 1.2.3"));
  for (const std::string path : {"/metrics", "/-/healthy", "/-/ready"}) {
    EXPECT_TRUE(Has(page, "<a href=\"" + path + "\">" + path + "</a>"));
  }
}

TEST(LandingPage, ShowsEachAccount) {
  const TimePoint watermark(std::chrono::seconds(1'790'000'000));
  const std::string page =
      RenderLandingPage("1", "/metrics", {{"emea", true, watermark}, {"apac", false, {}}});
  EXPECT_TRUE(Has(page, ">emea</th><td>up</td><td>2026-09-21T14:13:20Z</td>")) << page;
  EXPECT_TRUE(Has(page, ">apac</th><td>not up</td><td>first catch-up is running</td>")) << page;
}

TEST(LandingPage, EscapesWhatComesFromTheConfiguration) {
  const std::string page =
      RenderLandingPage("<1>", "/a\"b&c", {{"<script>'x'</script>", true, {}}});
  EXPECT_FALSE(Has(page, "<script>"));
  EXPECT_TRUE(Has(page, "&lt;script&gt;&#39;x&#39;&lt;/script&gt;"));
  EXPECT_TRUE(Has(page, "href=\"/a&quot;b&amp;c\""));
  EXPECT_TRUE(Has(page, "Version &lt;1&gt;"));
}

TEST(LandingPage, IsReadableInLightAndDark) {
  EXPECT_TRUE(Has(RenderLandingPage("1", "/metrics", {}), "color-scheme:light dark"));
}

}  // namespace
}  // namespace acronis::exporter
