#include "plugin/api/page_decoder.h"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/core/time_format.h"

namespace acronis::api {
namespace {

constexpr const char* kGood =
    R"({"id":1634702033410387969,"state":"completed","completedAt":"2025-10-10T17:22:10.323642031Z"})";

std::string Page(const std::string& items) {
  return R"({"items":[)" + items + R"(],"size":1})";
}

TaskPage Decode(const std::string& body, PageUse use = PageUse::kCounting) {
  PageDecoder decoder;
  auto page = decoder.Decode(body, use);
  EXPECT_TRUE(page) << page.error().message;
  return page ? std::move(page).value() : TaskPage{};
}

TEST(PageDecoder, ReadsEveryFieldThatCounts) {
  const auto page = Decode(
      R"({"timeStamp":"2025-10-10T17:25:00.123456789Z","paging":{"cursors":{"after":"a+/="}},"items":[
        {"id":1634702033410387969,"idString":"1634702033410387969","queue":"q","type":"policy.apply",
         "state":"completed","tenant":{"id":"66","uuid":"u"},"result":{"code":"ok"},
         "enqueuedAt":"2025-10-10T17:22:08Z","startedAt":"2025-10-10T17:22:09.5Z",
         "updatedAt":"2025-10-10T17:22:10.350557478Z","completedAt":"2025-10-10T19:22:10.323642031+02:00"}]})");
  Task task;
  task.id = 1634702033410387969;
  task.queue = "q";
  task.state = "completed";
  task.result_code = "ok";
  task.enqueued_at = ParseRfc3339("2025-10-10T17:22:08Z");
  task.started_at = ParseRfc3339("2025-10-10T17:22:09.5Z");
  task.updated_at = ParseRfc3339("2025-10-10T17:22:10.350557478Z");
  task.completed_at = ParseRfc3339("2025-10-10T17:22:10.323642031Z");
  EXPECT_EQ(page.tasks, std::vector{task});
  EXPECT_EQ(page.next_cursor, "a+/=");
  EXPECT_EQ(page.server_time, ParseRfc3339("2025-10-10T17:25:00.123456789Z"));
}

struct IdCase {
  std::string name;
  std::string fields;
  std::int64_t id;  ///< 0: refused.
};
class IdTest : public ::testing::TestWithParam<IdCase> {};

TEST_P(IdTest, IsExactOrRefused) {
  const auto page = Decode(Page("{" + GetParam().fields + "}"), PageUse::kInFlight);
  if (GetParam().id == 0) {
    ASSERT_EQ(page.invalid.size(), 1U);
    EXPECT_EQ(page.invalid.front().reason, "no usable id");
    return;
  }
  ASSERT_EQ(page.tasks.size(), 1U);
  EXPECT_EQ(page.tasks.front().id, GetParam().id);
}

INSTANTIATE_TEST_SUITE_P(
    Ids, IdTest,
    ::testing::Values(IdCase{"Number", R"("id":944455285181775873)", 944455285181775873},
                      IdCase{"Text", R"("idString":"944455285181775873")", 944455285181775873},
                      IdCase{"TextWins", R"("id":1,"idString":"2")", 2},
                      IdCase{"NumberWhenTheTextIsUnusable", R"("id":5,"idString":"x")", 5},
                      IdCase{"NumberWhenTheTextIsNull", R"("id":5,"idString":null)", 5},
                      IdCase{"NumberAsText", R"("id":"77")", 77},
                      IdCase{"Largest", R"("id":9223372036854775807)", 9223372036854775807},
                      IdCase{"TooLarge", R"("id":9223372036854775808)", 0},
                      IdCase{"TooLargeText", R"("idString":"9223372036854775808")", 0},
                      IdCase{"Fraction", R"("id":1.5)", 0}, IdCase{"Exponent", R"("id":1e18)", 0},
                      IdCase{"Negative", R"("id":-1)", 0}, IdCase{"Zero", R"("id":0)", 0},
                      IdCase{"Missing", R"("uuid":"x")", 0}, IdCase{"Null", R"("id":null)", 0},
                      IdCase{"Object", R"("id":{})", 0}, IdCase{"Boolean", R"("id":true)", 0},
                      IdCase{"Spaces", R"("idString":" 5")", 0},
                      IdCase{"Trailing", R"("idString":"5x")", 0},
                      IdCase{"FirstOfTwo", R"("id":7,"id":8)", 7},
                      IdCase{"KeyWithNul", R"("id\u0000x":9)", 0}),
    [](const auto& instance) { return instance.param.name; });

struct RecordCase {
  std::string name;
  std::string record;
  std::string id;
  std::string reason;
};
class InvalidRecordTest : public ::testing::TestWithParam<RecordCase> {};

TEST_P(InvalidRecordTest, IsSetAsideAndTheOthersCount) {
  const auto page = Decode(Page(std::string(kGood) + "," + GetParam().record + "," + kGood));
  EXPECT_EQ(page.tasks.size(), 2U);
  ASSERT_EQ(page.invalid.size(), 1U);
  EXPECT_EQ(page.invalid.front().id, GetParam().id);
  EXPECT_EQ(page.invalid.front().reason, GetParam().reason);
  EXPECT_EQ(page.Records(), 3U);
}

INSTANTIATE_TEST_SUITE_P(
    Records, InvalidRecordTest,
    ::testing::Values(
        RecordCase{"Null", "null", "", "not an object"},
        RecordCase{"Number", "42", "", "not an object"},
        RecordCase{"Array", "[]", "", "not an object"},
        RecordCase{"Empty", "{}", "", "no usable id"},
        RecordCase{"BadId", R"({"idString":"abc","state":"completed"})", "abc", "no usable id"},
        RecordCase{"LongId", R"({"idString":")" + std::string(100, 'x') + R"("})",
                   std::string(64, 'x'), "no usable id"},
        RecordCase{"NoState", R"({"id":3,"completedAt":"2025-10-10T17:22:10Z"})", "3", "no state"},
        RecordCase{"OtherState",
                   R"({"id":3,"state":"started","completedAt":"2025-10-10T17:22:10Z"})", "3",
                   "state is not completed"},
        RecordCase{"NoTime", R"({"id":3,"state":"completed"})", "3", "no usable completedAt"},
        RecordCase{"NullTime", R"({"id":3,"state":"completed","completedAt":null})", "3",
                   "no usable completedAt"},
        RecordCase{"EmptyTime", R"({"id":3,"state":"completed","completedAt":""})", "3",
                   "no usable completedAt"},
        RecordCase{"NumericTime", R"({"id":3,"state":"completed","completedAt":1587553200})", "3",
                   "no usable completedAt"},
        RecordCase{"GoZeroTime",
                   R"({"id":3,"state":"completed","completedAt":"0001-01-01T00:00:00Z"})", "3",
                   "no usable completedAt"}),
    [](const auto& instance) { return instance.param.name; });

/// Every optional field, replaced by everything that it should not be.
TEST(PageDecoder, TakesAnOptionalFieldOfAnotherTypeAsAbsent) {
  const Task bare = Decode(Page(kGood)).tasks.at(0);
  for (const std::string field : {"queue", "type", "tenant", "result", "enqueuedAt", "startedAt",
                                  "updatedAt", "uuid", "policy", "resource", "context"}) {
    for (const std::string value : {"null", "17", "1.5", "true", "[]", "[1,{}]", "{}",
                                    R"({"id":[],"code":{},"uuid":1})", "\"\""}) {
      const auto page = Decode(R"({"items":[{")" + field + R"(":)" + value + "," +
                               std::string(kGood).substr(1) + "]}");
      ASSERT_EQ(page.tasks.size(), 1U) << field << value;
      EXPECT_EQ(page.tasks.front(), bare) << field << value;
    }
  }
}

TEST(PageDecoder, KeepsUnknownEnumValuesAndLongTexts) {
  const std::string queue(100'000, 'q');
  const auto page = Decode(
      Page(R"({"id":1,"state":"exploded","result":{"code":"sparkling"},"queue":")" + queue + "\"}"),
      PageUse::kInFlight);
  ASSERT_EQ(page.tasks.size(), 1U);
  EXPECT_EQ(page.tasks.front().state, "exploded");
  EXPECT_EQ(page.tasks.front().result_code, "sparkling");
  EXPECT_EQ(page.tasks.front().queue, queue);
}

TEST(PageDecoder, DecodesForSeveralThreadsAtOnce) {
  PageDecoder decoder;
  std::vector<std::jthread> threads;
  for (int number = 1; number <= 4; ++number) {
    threads.emplace_back([&decoder, number] {
      const std::string body = Page("{\"id\":" + std::to_string(number) + '}');
      for (int times = 0; times < 200; ++times) {
        const auto page = decoder.Decode(body, PageUse::kInFlight);
        ASSERT_TRUE(page) << page.error().message;
        ASSERT_EQ(page->tasks.at(0).id, number);
      }
    });
  }
}

TEST(PageDecoder, FallsBackToTheTenantsUuid) {
  EXPECT_EQ(
      Decode(Page(R"({"id":1,"tenant":{"uuid":"u"}})"), PageUse::kListing).tasks.at(0).tenant_id,
      "u");
  EXPECT_EQ(Decode(Page(R"({"id":1,"tenant":{"id":66}})"), PageUse::kListing).tasks.at(0).tenant_id,
            "66");
}

struct RefusedCase {
  std::string name;
  std::string body;
};
class RefusedPageTest : public ::testing::TestWithParam<RefusedCase> {};

TEST_P(RefusedPageTest, IsRefusedAsAWhole) {
  PageDecoder decoder;
  const auto page = decoder.Decode(GetParam().body, PageUse::kCounting);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, ErrorKind::kInvalidResponse);
  EXPECT_TRUE(decoder.Decode(Page(kGood), PageUse::kCounting)) << "the decoder is spoilt";
}

INSTANTIATE_TEST_SUITE_P(
    Pages, RefusedPageTest,
    ::testing::Values(
        RefusedCase{"Empty", ""}, RefusedCase{"Html", "<html></html>"},
        RefusedCase{"Cut", std::string(R"({"items":[)") + kGood}, RefusedCase{"Array", "[]"},
        RefusedCase{"NoItems", "{}"}, RefusedCase{"NullItems", R"({"items":null})"},
        RefusedCase{"ObjectItems", R"({"items":{}})"},
        RefusedCase{"TextItems", R"({"items":"[]"})"},
        RefusedCase{"TwoItems", R"({"items":[],"items":[]})"},
        RefusedCase{"TwoPagings", R"({"items":[],"paging":{},"paging":{"cursors":{"after":"x"}}})"},
        RefusedCase{"TwoCursors",
                    R"({"items":[],"paging":{"cursors":{},"cursors":{"after":"x"}}})"},
        RefusedCase{"TwoCursorsOnTheTopLevel",
                    R"({"items":[],"cursors":{},"cursors":{"after":"x"}})"},
        RefusedCase{"TwoAfters", R"({"items":[],"paging":{"cursors":{"after":"","after":"x"}}})"},
        RefusedCase{"TrailingText", Page(kGood) + "x"},
        RefusedCase{"TwoDocuments", Page(kGood) + Page(kGood)},
        RefusedCase{"Bom", "\xEF\xBB\xBF" + Page(kGood)},
        RefusedCase{"NaN", R"({"items":[],"x":NaN})"},
        RefusedCase{"LeadingZero", R"({"items":[],"x":01})"},
        RefusedCase{"TrailingComma", R"({"items":[1,]})"},
        RefusedCase{"SkippedFieldBroken", R"({"items":[{"id":1,"context":{"a":tru}}]})"},
        RefusedCase{"NoUtf8AtAll", "{\"items\":[],\"x\":\"" + std::string(20, '\xff') + "\"}"},
        RefusedCase{"BadUtf8OutsideOfATexts", "{\"items\":[],\xff\"x\":1}"},
        RefusedCase{"BadUtf8BehindABackslash", "{\"items\":[],\"x\":\"\\\xff\"}"},
        RefusedCase{"BadUtf8InTheCursor",
                    "{\"items\":[],\"paging\":{\"cursors\":{\"after\":\"x\xff\"}}}"},
        RefusedCase{"BadUtf8AndBrokenJson", "{\"items\":[],\"x\":\"\xff\",\"y\":01}"},
        RefusedCase{"LoneSurrogate", R"({"items":[],"x":"\ud800"})"},
        RefusedCase{"NumberOverflow", R"({"items":[],"x":1e400})"},
        RefusedCase{"Deep", R"({"items":[],"x":)" + std::string(1'000'000, '[')},
        RefusedCase{"PagingIsAText", R"({"items":[],"paging":"x"})"},
        RefusedCase{"CursorsIsAnArray", R"({"items":[],"paging":{"cursors":[]}})"},
        RefusedCase{"CursorIsANumber", R"({"items":[],"paging":{"cursors":{"after":1}}})"}),
    [](const auto& instance) { return instance.param.name; });

TEST(PageDecoder, BoundsTheRecordsOfAPage) {
  std::string items = "0";
  for (std::size_t records = 1; records < PageDecoder::kMaxRecords; ++records) {
    items += ",0";
  }
  PageDecoder decoder;
  const auto largest = decoder.Decode(Page(items), PageUse::kCounting);
  ASSERT_TRUE(largest) << largest.error().message;
  EXPECT_EQ(largest->invalid.size(), PageDecoder::kMaxRecords);
  const auto larger = decoder.Decode(Page(items + ",0"), PageUse::kCounting);
  ASSERT_FALSE(larger);
  EXPECT_EQ(larger.error().message, "task page: it has more than 100000 records");
}

TEST(PageDecoder, RefusesEveryBeginningOfAPage) {
  const std::string page = Page(kGood);
  PageDecoder decoder;
  for (std::size_t length = 0; length < page.size(); ++length) {
    EXPECT_FALSE(decoder.Decode(page.substr(0, length), PageUse::kCounting)) << length;
  }
}

TEST(PageDecoder, ReplacesInvalidUtf8AndCountsIt) {
  const auto page =
      Decode("{\"paging\":{\"cursors\":{\"after\":\"a\"}},\"items\":[" + std::string(kGood) +
             ",{\"id\":2,\"queue\":\"B\xFCro \xE2\x82\",\"\xFF\":1,\"state\":\"completed\","
             "\"completedAt\":\"2025-10-10T17:22:10Z\"},"
             "{\"id\":3,\"state\":\"completed\xC3\",\"completedAt\":\"2025-10-10T17:22:10Z\"}]}");
  EXPECT_EQ(page.repaired, 4U);
  EXPECT_EQ(page.next_cursor, "a");
  ASSERT_EQ(page.tasks.size(), 2U);
  EXPECT_EQ(page.tasks[1].queue, "B\xEF\xBF\xBDro \xEF\xBF\xBD");
  ASSERT_EQ(page.invalid.size(), 1U);
  EXPECT_EQ(page.invalid[0].reason, "state is not completed");
  EXPECT_EQ(Decode(Page(kGood)).repaired, 0U);
}

TEST(PageDecoder, RepairsAtMostOnePieceInTenBytes) {
  const auto page = [](std::size_t odd, std::size_t size) {
    std::string body = "{\"items\":[],\"x\":\"" + std::string(odd, '\xff') + "\"}";
    return body + std::string(size - body.size(), ' ');
  };
  PageDecoder decoder;
  EXPECT_TRUE(decoder.Decode(page(10, 100), PageUse::kCounting));
  EXPECT_FALSE(decoder.Decode(page(11, 100), PageUse::kCounting));
  EXPECT_FALSE(decoder.Decode(page(10, 99), PageUse::kCounting));
}

struct CursorCase {
  std::string name;
  std::string paging;
  std::optional<std::string> cursor;
};
class CursorTest : public ::testing::TestWithParam<CursorCase> {};

TEST_P(CursorTest, IsFoundOrAbsent) {
  EXPECT_EQ(Decode(R"({"items":[])" + GetParam().paging + "}").next_cursor, GetParam().cursor);
}

INSTANTIATE_TEST_SUITE_P(
    Replies, CursorTest,
    ::testing::Values(
        CursorCase{"NoPaging", "", std::nullopt},
        CursorCase{"NullPaging", R"(,"paging":null)", std::nullopt},
        CursorCase{"NoCursors", R"(,"paging":{})", std::nullopt},
        CursorCase{"NullCursors", R"(,"paging":{"cursors":null})", std::nullopt},
        CursorCase{"NoAfter", R"(,"paging":{"cursors":{"before":"x"}})", std::nullopt},
        CursorCase{"NullAfter", R"(,"paging":{"cursors":{"after":null}})", std::nullopt},
        CursorCase{"EmptyAfter", R"(,"paging":{"cursors":{"after":""}})", std::nullopt},
        CursorCase{"After", R"(,"paging":{"cursors":{"after":"x=="}})", "x=="},
        CursorCase{"OnTheTopLevel", R"(,"cursors":{"after":"y"})", "y"}),
    [](const auto& instance) { return instance.param.name; });

TEST(PageDecoder, FillsDetailsForPeopleOnly) {
  const std::string body = Page(
      R"({"id":1,"state":"completed","completedAt":"2025-10-10T17:22:10Z","uuid":"u","tenant":{"id":"1","name":"T"},
          "policy":{"name":"P"},"resource":{"name":"R"},
          "result":{"code":"error","error":{"code":"InternalError","reason":"because","message":"m",
            "context":{"cause_str":"Failed to copy the volume."}}}})");
  EXPECT_EQ(Decode(body, PageUse::kListing).tasks.at(0).details,
            (TaskDetails{"u", "T", "R", "P", "Failed to copy the volume."}));
  EXPECT_EQ(Decode(body, PageUse::kCounting).tasks.at(0).details, TaskDetails{});
}

struct DetailCase {
  std::string name;
  std::string fields;
  TaskDetails details;
};
class DetailTest : public ::testing::TestWithParam<DetailCase> {};

TEST_P(DetailTest, FallsBack) {
  const auto page = Decode(Page(R"({"id":1,)" + GetParam().fields + "}"), PageUse::kListing);
  EXPECT_EQ(page.tasks.at(0).details, GetParam().details);
}

INSTANTIATE_TEST_SUITE_P(
    Fallbacks, DetailTest,
    ::testing::Values(
        DetailCase{"PlanName",
                   R"("context":{"PlanName":"P","BackupPlanName":"B"})",
                   {"", "", "", "P", ""}},
        DetailCase{"BackupPlanName", R"("context":{"BackupPlanName":"B"})", {"", "", "", "B", ""}},
        DetailCase{"MachineName", R"("context":{"MachineName":"M"})", {"", "", "M", "", ""}},
        DetailCase{
            "PersistentName", R"("context":{"Persistent":{"Name":"N"}})", {"", "", "N", "", ""}},
        DetailCase{
            "Reason", R"("result":{"error":{"reason":"r","message":"m"}})", {"", "", "", "", "r"}},
        DetailCase{"Message",
                   R"("result":{"error":{"message":"m","debug":{"msg":"d"}}})",
                   {"", "", "", "", "m"}},
        DetailCase{"DebugMessage",
                   R"("result":{"error":{"debug":{"msg":"d"},"code":"c"}})",
                   {"", "", "", "", "d"}},
        DetailCase{"Code", R"("result":{"error":{"code":"c"}})", {"", "", "", "", "c"}},
        DetailCase{"NumericCode", R"("result":{"error":{"code":1006}})", {"", "", "", "", "1006"}}),
    [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace acronis::api
