#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "plugin/api/page_decoder.h"
#include "plugin/api/task_query.h"
#include "plugin/core/time_format.h"

namespace acronis::api {
namespace {

std::string ReadData(const std::string& name) {
  std::ifstream file(std::string(ACRONIS_TEST_DATA) + "/" + name);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The example of the API's own guide: tasks completed after a moment, and the one there is.
TEST(Golden, QueryIsSentAsDocumented) {
  TaskQuery query;
  ASSERT_TRUE(query.AddFilter("completedAt", "gt(2020-04-22T11:00:00Z)"));
  EXPECT_EQ(query.FirstPageTarget() + "\n", ReadData("golden_query.txt"));
}

TEST(Golden, ReplyIsReadExactly) {
  PageDecoder decoder;
  const auto page = decoder.Decode(ReadData("golden_reply.json"), PageUse::kListing);
  ASSERT_TRUE(page) << page.error().message;
  Task expected;
  expected.id = 944455285181775872;
  expected.queue = "legacySync";
  expected.type = "A59E8BF2-39C3-42C4-B667-CB672381A214";
  expected.state = "completed";
  expected.result_code = "ok";
  expected.tenant_id = "1496265";
  expected.enqueued_at = expected.started_at = expected.completed_at =
      TimePoint(std::chrono::nanoseconds(1587555243290396913));
  expected.updated_at = TimePoint(std::chrono::nanoseconds(1587555243294683447));
  expected.details = {"38045860-8901-426e-b51f-fc6d24d1cbe0", "John Doe", "DESKTOP-GFT9S1R", "",
                      ""};
  ASSERT_EQ(page->tasks.size(), 1U);
  EXPECT_EQ(page->tasks.front(), expected);
  EXPECT_TRUE(page->invalid.empty());
  EXPECT_FALSE(page->next_cursor);
}

TEST(Golden, ReplyCounts) {
  PageDecoder decoder;
  const auto page = decoder.Decode(ReadData("golden_reply.json"), PageUse::kCounting);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->tasks.size(), 1U);
}

}  // namespace
}  // namespace acronis::api
