#include "plugin/api/task_query.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace acronis::api {
namespace {

struct Case {
  std::string name;
  std::string field;
  std::string value;
  std::string expected;  ///< The parameter as sent, or what the error says.
};

std::string FirstPage(const TaskQuery& query) {
  return query.FirstPageTarget();
}

class AcceptedFilterTest : public ::testing::TestWithParam<Case> {};

TEST_P(AcceptedFilterTest, IsSent) {
  TaskQuery query;
  const auto added = query.AddFilter(GetParam().field, GetParam().value);
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(FirstPage(query), "/api/task_manager/v2/tasks?" + GetParam().expected + "&limit=500");
}

INSTANTIATE_TEST_SUITE_P(
    Filters, AcceptedFilterTest,
    ::testing::Values(
        Case{"State", "state", "completed", "state=completed"},
        Case{"EnumRange", "priority", "ge(normal)", "priority=ge%28normal%29"},
        Case{"ResultCode", "resultCode", "timedout", "resultCode=timedout"},
        Case{"Id", "id", "gt(944455285181775872)", "id=gt%28944455285181775872%29"},
        Case{"WorkflowId", "workflowId", "-1", "workflowId=-1"},
        Case{"Uuid", "uuid", "38045860-8901-426e-b51f-fc6d24d1cbe0",
             "uuid=38045860-8901-426e-b51f-fc6d24d1cbe0"},
        Case{"String", "queue", "legacySync", "queue=legacySync"},
        Case{"StringRange", "type", "lt(m)", "type=lt%28m%29"},
        Case{"Unicode", "policyName", "7_Tage_2*Täglich", "policyName=7_Tage_2%2AT%C3%A4glich"},
        Case{"Reserved", "startedBy", "A\\B C+D&e=f%/?#",
             "startedBy=A%5CB%20C%2BD%26e%3Df%25%2F%3F%23"},
        Case{"LongestQueue", "queue", std::string(64, 'q'), "queue=" + std::string(64, 'q')},
        Case{"Flag", "allow_deleted", "true", "allow_deleted=true"},
        Case{"BareTime", "startedAt", "2020-04-22T11:00:00Z", "startedAt=2020-04-22T11%3A00%3A00Z"},
        Case{"Rfc3339Nanoseconds", "completedAt", "gt(2020-04-22T11:34:03.290396913Z)",
             "completedAt=gt%282020-04-22T11%3A34%3A03.290396913Z%29"},
        Case{"Rfc3339Offset", "completedAt", "ge(2020-04-22T13:00:00+02:00)",
             "completedAt=ge%282020-04-22T11%3A00%3A00Z%29"},
        Case{"Rfc1123", "completedAt", "lt(Wed, 22 Apr 2020 11:00:00 GMT)",
             "completedAt=lt%282020-04-22T11%3A00%3A00Z%29"},
        Case{"Rfc850", "completedAt", "le(Wednesday, 22-Apr-20 11:00:00 UTC)",
             "completedAt=le%282020-04-22T11%3A00%3A00Z%29"},
        Case{"AnsiC", "enqueuedAt", "gt(Wed Apr 22 11:00:00 2020)",
             "enqueuedAt=gt%282020-04-22T11%3A00%3A00Z%29"},
        Case{"UnixSeconds", "assignedAt", "gt(1587553200)",
             "assignedAt=gt%282020-04-22T11%3A00%3A00Z%29"},
        Case{"UnixNanoseconds", "updatedAt", "ge(1587553200000000001ns)",
             "updatedAt=ge%282020-04-22T11%3A00%3A00.000000001Z%29"}),
    [](const auto& instance) { return instance.param.name; });

class EveryFieldTest : public ::testing::TestWithParam<const char*> {};

TEST_P(EveryFieldTest, IsKnownAsAString) {
  TaskQuery query;
  EXPECT_TRUE(query.AddFilter(GetParam(), "x"));
}

INSTANTIATE_TEST_SUITE_P(Strings, EveryFieldTest,
                         ::testing::Values("type", "queue", "resourceId", "resourceName",
                                           "resourceType", "policyId", "policyName", "policyType",
                                           "startedBy", "executorId", "tag", "affinityAgentId",
                                           "affinityClusterId"),
                         [](const auto& instance) { return std::string(instance.param); });

class RefusedFilterTest : public ::testing::TestWithParam<Case> {};

TEST_P(RefusedFilterTest, IsExplained) {
  TaskQuery query;
  const auto added = query.AddFilter(GetParam().field, GetParam().value);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_NE(added.error().message.find("'" + GetParam().field + "'"), std::string::npos)
      << added.error().message;
  EXPECT_NE(added.error().message.find(GetParam().expected), std::string::npos)
      << added.error().message;
  EXPECT_EQ(FirstPage(query), "/api/task_manager/v2/tasks?limit=500");
}

INSTANTIATE_TEST_SUITE_P(
    Filters, RefusedFilterTest,
    ::testing::Values(
        Case{"UnknownField", "tenant_id", "1", "known are state, resultCode"},
        Case{"FieldOfAnotherCase", "State", "completed", "known are"},
        Case{"CreatedAt", "createdAt", "gt(1587553200)", "completedAt"},
        Case{"EnumValue", "state", "done", "enqueued, assigned, started, paused, completed"},
        Case{"EnumCase", "resultCode", "OK", "ok, error, warning, cancelled, abandoned, timedout"},
        Case{"CommaList", "state", "started,paused", "is not one of"},
        Case{"Ne", "queue", "ne(a)", "gt(), ge(), lt() and le()"},
        Case{"Like", "policyName", "like(a)", "unsupported function 'like'"},
        Case{"Hlike", "policyName", "hlike(a)", "unsupported function"},
        Case{"Tlike", "policyName", "tlike(a)", "unsupported function"},
        Case{"IsNull", "policyId", "isnull()", "unsupported function"},
        Case{"NotNull", "policyId", "notnull()", "unsupported function"},
        Case{"Eq", "state", "eq(completed)", "unsupported function"},
        Case{"Or", "state", "or(started,paused)", "unsupported function"},
        Case{"NoClosingBracket", "completedAt", "gt(1587553200", "brackets"},
        Case{"NoOpeningBracket", "completedAt", "1587553200)", "brackets"},
        Case{"BracketsInside", "policyName", "gt(a(b))", "brackets"},
        Case{"BracketsInAName", "policyName", "Plan (old)", "brackets"},
        Case{"TextBehind", "completedAt", "gt(1587553200)x", "brackets"},
        Case{"Empty", "queue", "", "empty"}, Case{"EmptyArgument", "queue", "gt()", "empty"},
        Case{"IdIsNoNumber", "id", "x1", "64-bit"},
        Case{"IdTooLarge", "id", "9223372036854775808", "64-bit"},
        Case{"Uuid", "uuid", "38045860", "UUID"},
        Case{"Date", "completedAt", "gt(yesterday)", "RFC 3339"},
        Case{"Milliseconds", "completedAt", "gt(1587553200000)", "is not a date"},
        Case{"LongQueue", "queue", std::string(65, 'q'), "at most 64"},
        Case{"LongName", "policyName", std::string(257, 'q'), "at most 256"},
        Case{"Flag", "allow_deleted", "yes", "true, false"},
        Case{"FlagFunction", "allow_deleted", "gt(true)", "true or false"}),
    [](const auto& instance) { return instance.param.name; });

TEST(TaskQuery, RepeatsAFieldForSeveralValues) {
  TaskQuery query;
  ASSERT_TRUE(query.AddFilter("state", "started"));
  ASSERT_TRUE(query.AddFilter("state", "paused"));
  ASSERT_TRUE(query.AddFilter("completedAt", "gt(1587553200)"));
  ASSERT_TRUE(query.AddFilter("completedAt", "lt(1587553201)"));
  EXPECT_EQ(FirstPage(query),
            "/api/task_manager/v2/tasks?state=started&state=paused"
            "&completedAt=gt%282020-04-22T11%3A00%3A00Z%29"
            "&completedAt=lt%282020-04-22T11%3A00%3A01Z%29&limit=500");
}

TEST(TaskQuery, AllowsOneBoundOnUpdatedAt) {
  TaskQuery query;
  ASSERT_TRUE(query.AddFilter("updatedAt", "ge(1587553200)"));
  const auto second = query.AddFilter("updatedAt", "lt(1587553201)");
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("only once"), std::string::npos);
}

TEST(TaskQuery, AddsBoundsExactToTheNanosecond) {
  TaskQuery query;
  query.AddTimeBound("completedAt", Comparison::kGreater,
                     TimePoint(std::chrono::nanoseconds(1587553199999999999)));
  EXPECT_EQ(FirstPage(query),
            "/api/task_manager/v2/tasks?completedAt=gt%282020-04-22T10%3A59%3A59.999999999Z%29"
            "&limit=500");
}

TEST(TaskQuery, SendsOrderDetailAndLimitOnTheFirstPageOnly) {
  TaskQuery query;
  ASSERT_TRUE(query.AddFilter("state", "completed"));
  ASSERT_TRUE(query.SetOrder("asc(completedAt)"));
  ASSERT_TRUE(query.SetLod("full"));
  ASSERT_TRUE(query.SetLimit(100));
  EXPECT_EQ(FirstPage(query),
            "/api/task_manager/v2/tasks?state=completed&order=asc%28completedAt%29&lod=full"
            "&limit=100");
  EXPECT_EQ(query.NextPageTarget("a+b/c=="),
            "/api/task_manager/v2/tasks?limit=100&after=a%2Bb%2Fc%3D%3D");
  EXPECT_EQ(query.Limit(), 100);
}

TEST(TaskQuery, RefusesWhatTheApiDoesNotHave) {
  TaskQuery query;
  for (const char* order : {"completedAt", "asc()", "asc(nothing)", "up(completedAt)",
                            "asc(completedAt", "asc(allow_deleted)", ""}) {
    EXPECT_FALSE(query.SetOrder(order)) << order;
  }
  for (const char* lod : {"count", "all", "Full"}) {
    EXPECT_FALSE(query.SetLod(lod)) << lod;
  }
  for (const int limit : {0, -1, 1001}) {
    EXPECT_FALSE(query.SetLimit(limit)) << limit;
  }
  EXPECT_TRUE(query.SetLod(""));
  EXPECT_EQ(FirstPage(query), "/api/task_manager/v2/tasks?limit=500");
}

}  // namespace
}  // namespace acronis::api
