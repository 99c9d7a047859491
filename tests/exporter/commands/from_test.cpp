#include "exporter/commands/from.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace acronis::exporter {
namespace {

std::string UrlOf(const std::string& url) {
  FromArguments from;
  from.url = url;
  return RequestOf(from, {}, std::chrono::seconds(1)).url;
}

TEST(From, MeansTheMetricsWithoutAPath) {
  EXPECT_EQ(UrlOf("http://a:10977"), "http://a:10977/metrics");
  EXPECT_EQ(UrlOf("http://a:10977/"), "http://a:10977/metrics");
  EXPECT_EQ(UrlOf("https://[::1]"), "https://[::1]/metrics");
  EXPECT_EQ(UrlOf("http://a/m"), "http://a/m");
  EXPECT_EQ(UrlOf("http://a/?name[]=acronis_up"), "http://a/?name[]=acronis_up");
  EXPECT_EQ(UrlOf("nonsense"), "nonsense");
}

}  // namespace
}  // namespace acronis::exporter
