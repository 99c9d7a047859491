#include "tests/simulator/simulator_fixture.h"

namespace acronis::simulator {
namespace {

struct Refusal {
  std::string name;
  std::string query;  // Not yet encoded: name=value.
  std::string text;
};

class RefusedQuery : public SimulatorTest, public ::testing::WithParamInterface<Refusal> {};

std::string EncodeQuery(std::string_view query) {
  std::string out;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    const std::size_t equals = part.find('=');
    out += (out.empty() ? "" : "&") + Encode(part.substr(0, equals)) + '=' +
           Encode(part.substr(equals + 1));
  }
  return out;
}

TEST_P(RefusedQuery, IsAnsweredInTheWordsOfTheService) {
  EXPECT_EQ(ErrorOf(EncodeQuery(GetParam().query)), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Queries, RefusedQuery,
    ::testing::Values(
        Refusal{"UnknownField", "tenant_id=x", "bad condition field 'tenant_id'"},
        Refusal{"Offset", "offset=5", "bad condition field 'offset'"},
        Refusal{"NoField", "=5", "empty condition field"},
        Refusal{"Or", "state=or(started,paused)", "unsupported function 'or' on field 'state'"},
        Refusal{"EnumNe", "state=ne(started)", "unsupported function 'ne' on field 'state'"},
        Refusal{"CommaList", "state=started,paused",
                "invalid enum value: `started,paused` on field 'state'"},
        Refusal{"Enum", "resultCode=val5", "invalid enum value: `val5` on field 'resultCode'"},
        Refusal{"NoClosing", "completedAt=le(10000",
                "bad function 'le(10000', no closing bracket on field 'completedAt'"},
        Refusal{"NoOpening", "completedAt=10000)",
                "bad function '10000)', no opening bracket on field 'completedAt'"},
        Refusal{"Swapped", "completedAt=)le(",
                "bad function ')le(', closing bracket placed before opening bracket on field "
                "'completedAt'"},
        Refusal{"Time", "completedAt=gt(yesterday)",
                "incorrect time format, must be one of (UNIX-TIMESTAMP-NANO, UNIX-TIMESTAMP, "
                "RFC3339, RFC1123, RFC850, ANSI-C) on field 'completedAt'"},
        Refusal{"Nano", "completedAt=gt(12xns)",
                "incorrect UNIX-TIMESTAMP-NANO format on field 'completedAt'"},
        Refusal{"EmptyTime", "completedAt=gt()", "empty time value on field 'completedAt'"},
        Refusal{"Id", "id=x", "strconv.ParseInt: parsing \"x\": invalid syntax on field 'id'"},
        Refusal{"Uuid", "uuid=12", "bad uuid format: 12 on field 'uuid'"},
        Refusal{"EmptyText", "queue=", "field 'queue' value is empty"},
        Refusal{"LongText", "queue=" + std::string(65, 'q'),
                "field 'queue' value is too long, max length is 64"},
        Refusal{"LongName", "policyName=" + std::string(257, 'q'),
                "field 'policyName' value is too long, max length is 256"},
        Refusal{"Like", "queue=like(x)", "like functions are unsupported on field 'queue'"},
        Refusal{"Contradiction", "type=v1&type=ne(v1)",
                "positive condition on value cannot be set alongside with ne function on it, field "
                "'type', value 'v1'"},
        Refusal{"EmptyOrder", "order=", "empty order function"},
        Refusal{"OrderFunction", "order=up(id)", "bad order function 'up'"},
        Refusal{"BareOrder", "order=desc", "bad order function 'desc'"},
        Refusal{"OrderField", "order=desc()", "empty order field"},
        Refusal{"OrderBracket", "order=desc(id", "bad function 'desc(id', no closing bracket"},
        Refusal{"LimitText", "limit=many",
                "strconv.ParseInt: parsing \"many\": invalid syntax on field 'limit'"},
        Refusal{"LimitTooLarge", "limit=1001",
                "field 'limit' value is out of range, must be from 1 to 1000"},
        Refusal{"Lod", "lod=huge", "invalid enum value: `huge` on field 'lod'"},
        Refusal{"Token", "limit=5&after=AAAA", "bad page token"}),
    [](const auto& instance) { return instance.param.name; });

struct Selection {
  std::string name;
  std::string query;
  std::vector<std::size_t> picked;  // Indexes of the three tasks below.
};

class AcceptedQuery : public SimulatorTest, public ::testing::WithParamInterface<Selection> {};

TEST_P(AcceptedQuery, PicksTheTasksItDescribes) {
  // kStart is 2025-10-10T17:00:00Z.
  NewTask first;
  first.queue = "a";
  first.completed_at = test::FakeClock::kStart + std::chrono::nanoseconds(1);
  NewTask second;
  second.queue = "b";
  second.result_code = "error";
  second.completed_at = test::FakeClock::kStart + std::chrono::nanoseconds(2);
  NewTask third;
  third.queue = "c";
  third.state = "started";
  const std::vector<std::int64_t> ids = {simulator_.AddTask(first), simulator_.AddTask(second),
                                         simulator_.AddTask(third)};
  std::vector<std::int64_t> wanted;
  for (const std::size_t index : GetParam().picked) {
    wanted.push_back(ids[index]);
  }
  EXPECT_EQ(List(EncodeQuery(GetParam().query)).ids, wanted);
}

INSTANTIATE_TEST_SUITE_P(
    Queries, AcceptedQuery,
    ::testing::Values(
        Selection{"Nothing", "", {0, 1, 2}}, Selection{"State", "state=completed", {0, 1}},
        Selection{"States", "state=started&state=paused", {2}},
        Selection{"StateRange", "state=lt(completed)", {2}},
        Selection{"Result", "resultCode=error", {1}},
        Selection{"Fields", "state=completed&queue=a", {0}},
        Selection{"Queues", "queue=a&queue=c", {0, 2}},
        Selection{"NotQueue", "queue=ne(a)&queue=ne(b)", {2}},
        Selection{"QueueOrder", "queue=gt(a)", {1, 2}},
        Selection{"Null", "completedAt=isnull()", {2}},
        Selection{"NotNull", "completedAt=notnull()", {0, 1}},
        Selection{"Exclusive", "completedAt=gt(2025-10-10T17:00:00.000000001Z)", {1}},
        Selection{"Inclusive", "completedAt=ge(2025-10-10T17:00:00.000000001Z)", {0, 1}},
        Selection{"UpTo", "completedAt=lt(2025-10-10T17:00:00.000000002Z)", {0}},
        Selection{"Through", "completedAt=le(2025-10-10T17:00:00.000000002Z)", {0, 1}},
        Selection{"Interval",
                  "completedAt=gt(2025-10-10T17:00:00Z)&completedAt=lt(1760115600000000002ns)",
                  {0}},
        Selection{"IndexExclusive",
                  "state=completed&order=asc(completedAt)&completedAt=gt(1760115600000000001ns)",
                  {1}},
        Selection{"IndexInclusive",
                  "state=completed&order=asc(completedAt)&completedAt=ge(1760115600000000001ns)",
                  {0, 1}},
        Selection{"IndexUpTo",
                  "state=completed&order=asc(completedAt)&completedAt=lt(1760115600000000002ns)",
                  {0}},
        Selection{"IndexThrough",
                  "state=completed&order=asc(completedAt)&completedAt=le(1760115600000000002ns)",
                  {0, 1}},
        Selection{"Offset", "completedAt=gt(2025-10-10T19:00:00.000000001+02:00)", {1}},
        Selection{"UnixNano", "completedAt=1760115600000000002ns", {1}},
        Selection{"Unix", "completedAt=gt(1760115600)", {0, 1}},
        Selection{"Rfc1123", "completedAt=gt(Fri, 10 Oct 2025 17:00:00 GMT)", {0, 1}},
        Selection{"Rfc850", "completedAt=gt(Friday, 10-Oct-25 17:00:00 UTC)", {0, 1}},
        Selection{"AnsiC", "completedAt=gt(Fri Oct 10 17:00:00 2025)", {0, 1}},
        Selection{"MillisecondsAreYear57000", "completedAt=gt(1760115600000)", {}},
        Selection{"Contradictory", "completedAt=gt(1860115600)&completedAt=lt(1)", {}},
        Selection{"EqualityOutsideTheRange",
                  "completedAt=1760115600000000001ns&completedAt=gt(1760115600000000001ns)",
                  {}},
        Selection{"Update", "updatedAt=ge(2025-10-10T17:00:00Z)&order=asc(updatedAt)", {0, 1, 2}},
        Selection{"Descending", "state=completed&order=desc(completedAt)", {1, 0}},
        Selection{"SeveralKeys", "order=desc(state)&order=asc(completedAt)", {0, 1, 2}}),
    [](const auto& instance) { return instance.param.name; });

class NamedTasks : public SimulatorTest {
 protected:
  NamedTasks() : SimulatorTest(TestOptions(0.1)) {}
};

TEST_F(NamedTasks, AreFoundByPartsOfTheirNames) {
  const auto count = [&](const std::string& query) { return List(query).ids.size(); };
  const auto all = count("resourceName=notnull()");
  ASSERT_GT(all, 0U);
  EXPECT_GT(count("resourceName=hlike(WIN)"), 0U);
  EXPECT_LT(count("resourceName=hlike(WIN)"), all);
  EXPECT_EQ(count("resourceName=hlike(" + Encode("größe") + ")"), 0U);
  EXPECT_GT(count("resourceName=like(" + Encode("größe") + ")"), 0U);
}

TEST_F(NamedTasks, AreFoundByTheShortPolicyType) {
  EXPECT_GT(List("policyType=backup").ids.size(), 0U);
  EXPECT_EQ(List("policyType=back").ids.size(), 0U);
}

TEST(StrictSimulator, RefusesTwoBoundsOnUpdatedAt) {
  test::FakeClock clock;
  SimulatorOptions options = TestOptions();
  options.strict = true;
  Simulator simulator(std::move(options), clock);
  const Reply token =
      simulator.Handle({"POST",
                        "/bc/idp/token",
                        {{"Authorization", "Basic " + EncodeBase64("client:s3cret")},
                         {"Content-Type", "application/x-www-form-urlencoded"}},
                        "grant_type=client_credentials"});
  const std::string bearer = "Bearer " + Parse(token.body)->getValue<std::string>("access_token");
  const Reply reply =
      simulator.Handle({"GET",
                        "/api/task_manager/v2/tasks?updatedAt=ge(1)&updatedAt=lt(2)",
                        {{"Authorization", bearer}},
                        ""});
  EXPECT_EQ(reply.status, 400);
}

}  // namespace
}  // namespace acronis::simulator
