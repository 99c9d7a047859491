#include <fstream>
#include <sstream>

#include <Poco/InflatingStream.h>
#include <Poco/StreamCopier.h>

#include "tests/simulator/simulator_fixture.h"

namespace acronis::simulator {
namespace {

const std::string kTasks = "/api/task_manager/v2/tasks";
const std::string kQuery = "state=completed&order=asc(completedAt)&limit=3";

class Faults : public SimulatorTest {
 protected:
  Faults() {
    for (int n = 0; n < 10; ++n) {
      ids_.push_back(AddAt(n - 100));
    }
    Token();
  }

  Poco::JSON::Object::Ptr FirstItem() { return List(kQuery).body->getArray("items")->getObject(0); }

  std::vector<std::int64_t> ids_;
};

TEST_F(Faults, WithUnknownNamesAreRefusedWithTheList) {
  const auto set = simulator_.Faults().Set({"earthquake", "", "", 0});
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().kind, ErrorKind::kInvalidArgument);
  for (const FaultKind& kind : KnownFaults()) {
    EXPECT_NE(set.error().message.find(kind.name), std::string::npos) << kind.name;
  }
  EXPECT_FALSE(simulator_.Faults().Set({"drip", "", "moon", 0}));
}

TEST_F(Faults, AreAllDocumented) {
  std::ostringstream text;
  text << std::ifstream(SOURCE_ROOT "/docs/simulator.md").rdbuf();
  for (const FaultKind& kind : KnownFaults()) {
    EXPECT_NE(text.str().find('`' + std::string(kind.name) + '`'), std::string::npos) << kind.name;
  }
}

TEST_F(Faults, StrikeAsOftenAsAsked) {
  Switch("status", "503", 2);
  EXPECT_EQ(Get(kTasks).status, 503);
  EXPECT_EQ(Get(kTasks).status, 503);
  EXPECT_EQ(Get(kTasks).status, 200);
  EXPECT_TRUE(simulator_.Faults().List().empty());
}

TEST_F(Faults, StrikeOnlyTheirPath) {
  ASSERT_TRUE(simulator_.Faults().Set({"status", "500", "token", -1}));
  EXPECT_EQ(Get(kTasks).status, 200);
  EXPECT_EQ(RequestToken().status, 500);
  EXPECT_TRUE(simulator_.Faults().Clear("status"));
  EXPECT_FALSE(simulator_.Faults().Clear("status"));
  EXPECT_EQ(RequestToken().status, 200);
}

struct StatusCase {
  std::string fault;
  std::string value;
  int status;
  std::string header;
  std::string header_value;
};
class StatusFaults : public Faults, public ::testing::WithParamInterface<StatusCase> {};

TEST_P(StatusFaults, AnswerInThePlaceOfTheService) {
  Switch(GetParam().fault, GetParam().value);
  const Reply reply = Get(kTasks + "?limit=1");
  EXPECT_EQ(reply.status, GetParam().status);
  EXPECT_EQ(FindHeader(reply.headers, GetParam().header), GetParam().header_value);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, StatusFaults,
    ::testing::Values(
        StatusCase{"unauthorized", "", 401, "Content-Type", "application/json"},
        StatusCase{"status", "403", 403, "Content-Type", "application/json"},
        StatusCase{"status", "520", 520, "Content-Type", "application/json"},
        StatusCase{"rate_limit", "", 429, "Retry-After", ""},
        StatusCase{"rate_limit", "30", 429, "Retry-After", "30"},
        StatusCase{"rate_limit", "date", 429, "Retry-After", "Fri, 10 Oct 2025 17:00:30 GMT"},
        StatusCase{"rate_limit", "past", 429, "Retry-After", "Fri, 10 Oct 2025 16:00:00 GMT"},
        StatusCase{"rate_limit", "garbage", 429, "Retry-After", "garbage"},
        StatusCase{"unavailable", "5", 503, "Retry-After", "5"},
        StatusCase{"html_error", "504", 504, "Content-Type", "text/html"},
        StatusCase{"html_ok", "", 200, "Content-Type", "text/html"},
        StatusCase{"redirect", "307 https://elsewhere/", 307, "Location", "https://elsewhere/"},
        StatusCase{"redirect", "302", 302, "Location", ""},
        StatusCase{"redirect", "301 loop", 301, "Location", kTasks + "?limit=1"},
        StatusCase{"wrong_encoding", "br", 200, "Content-Encoding", "br"},
        StatusCase{"date_missing", "", 200, "Date", ""},
        StatusCase{"date_absurd", "", 200, "Date", "soon"},
        StatusCase{"date_shift", "-3600", 200, "Date", "Fri, 10 Oct 2025 16:00:00 GMT"}));

TEST_F(Faults, ExpireTokensOnce) {
  Switch("expire_tokens");
  EXPECT_EQ(Get(kTasks).status, 401);
  token_.clear();
  EXPECT_EQ(Get(kTasks).status, 200);
}

TEST_F(Faults, ShapeTheEndOfTokens) {
  const auto token = [&](const std::string& value) {
    Switch("token_expiry", value);
    return Parse(RequestToken().body);
  };
  EXPECT_EQ(token("60")->getValue<std::int64_t>("expires_on"), 1'760'115'660);
  EXPECT_EQ(token("negative")->getValue<std::int64_t>("expires_on"), -1);
  EXPECT_FALSE(token("missing")->has("expires_on"));
  EXPECT_EQ(token("expires_in")->getValue<int>("expires_in"), 7200);
}

TEST_F(Faults, MakeBrokenJsonOfEveryKind) {
  const std::string whole = Get(kTasks + "?" + kQuery).body;
  std::set<std::string> bodies = {whole};
  for (const char* const kind :
       {"cut", "deep", "duplicate_keys", "nan", "infinity", "bom", "invalid_utf8", "lone_surrogate",
        "huge_number", "exponent", "empty", "garbage", "trailing", "array", "items_object"}) {
    Switch("invalid_json", kind);
    EXPECT_TRUE(bodies.insert(Get(kTasks + "?" + kQuery).body).second) << kind;
  }
}

TEST_F(Faults, SpoilPagesThatShowCertainTasks) {
  Switch("unreadable", "1");
  EXPECT_NE(Get(kTasks + "?" + kQuery).body.find('\0'), std::string::npos);
  EXPECT_TRUE(simulator_.Shown("client").empty());
  simulator_.Faults().ClearAll();
  Switch("unreadable", "1000000000000");
  EXPECT_EQ(Get(kTasks + "?" + kQuery).body.find('\0'), std::string::npos);
}

TEST_F(Faults, TwistTheFirstItemOnly) {
  Switch("wrong_type", "completedAt=number");
  EXPECT_TRUE(FirstItem()->get("completedAt").isInteger());
  Switch("wrong_type", "completedAt=missing");
  EXPECT_FALSE(FirstItem()->has("completedAt"));
  EXPECT_TRUE(List(kQuery).body->getArray("items")->getObject(1)->has("completedAt"));
  Switch("wrong_type", "tenant.id=array");
  EXPECT_TRUE(FirstItem()->getObject("tenant")->isArray("id"));
  Switch("wrong_type", "result=null");
  EXPECT_TRUE(FirstItem()->isNull("result"));
  simulator_.Faults().ClearAll();
  Switch("unknown_enum", "state");
  EXPECT_EQ(FirstItem()->getValue<std::string>("state"), "entangled");
}

TEST_F(Faults, TwistEachItemInAnotherWay) {
  Switch("wrong_type", "queue=each");
  const auto items = List(kQuery + "0").body->getArray("items");
  EXPECT_FALSE(items->getObject(0)->has("queue"));
  EXPECT_TRUE(items->getObject(1)->isNull("queue"));
  EXPECT_EQ(items->getObject(2)->getValue<std::string>("queue"), "text");
  EXPECT_EQ(items->getObject(7)->getValue<std::string>("queue").size(), 1U << 20U);
  EXPECT_EQ(items->getObject(9)->getValue<std::string>("queue"), "backup-agent");
}

TEST_F(Faults, TwistTheEnvelope) {
  const auto body = [&](const std::string& value) {
    Switch("wrong_envelope", value);
    return Parse(Get(kTasks + "?" + kQuery).body);
  };
  EXPECT_TRUE(body("items=null")->isNull("items"));
  EXPECT_FALSE(body("items=missing")->has("items"));
  EXPECT_EQ(body("size=string")->getValue<std::string>("size"), "text");
  EXPECT_TRUE(body("paging=array")->isArray("paging"));
  EXPECT_FALSE(body("paging.cursors=missing")->getObject("paging")->has("cursors"));
  EXPECT_EQ(body("paging.cursors.after=number")
                ->getObject("paging")
                ->getObject("cursors")
                ->getValue<int>("after"),
            42);
}

TEST_F(Faults, WriteTimesInOtherWays) {
  NewTask task;
  task.completed_at = clock_.Now() + std::chrono::nanoseconds(-500'000'000'000 + 123);
  simulator_.AddTask(task);
  const auto completed = [&] { return FirstItem()->getValue<std::string>("completedAt"); };
  EXPECT_EQ(completed(), "2025-10-10T16:51:40.000000123Z");
  Switch("time_format");
  EXPECT_EQ(completed(), "2025-10-10T16:51:40Z");
  Switch("time_format", "offset");
  EXPECT_EQ(completed(), "2025-10-10T22:21:40.000000123+05:30");
}

TEST_F(Faults, RefuseAnOrderOrALimit) {
  Switch("no_order");
  EXPECT_EQ(ErrorOf("order=asc(completedAt)"), "order is not supported");
  EXPECT_EQ(List("state=completed").ids.size(), 10U);
  simulator_.Faults().ClearAll();
  Switch("small_limit", "5");
  EXPECT_EQ(ErrorOf("limit=6"), "limit must be at most 5");
  EXPECT_EQ(List("limit=5").ids.size(), 5U);
}

TEST_F(Faults, ShowALongOrABackwardPage) {
  Switch("long_page", "8");
  EXPECT_EQ(List(kQuery).ids, std::vector<std::int64_t>(ids_.begin(), ids_.begin() + 8));
  simulator_.Faults().ClearAll();
  Switch("reversed_page");
  EXPECT_EQ(List(kQuery).ids, (std::vector<std::int64_t>{ids_[2], ids_[1], ids_[0]}));
}

TEST_F(Faults, HandOutCursorsOfSomebodyElse) {
  Switch("foreign_cursor");
  const ReadPage first = List(kQuery);
  EXPECT_EQ(Get(kTasks + "?limit=3&after=" + Encode(first.after)).status, 400);
}

TEST_F(Faults, ForgetWhatIsOld) {
  Switch("forgetful", "95");
  EXPECT_EQ(List("state=completed").ids.size(), 5U);
}

TEST_F(Faults, HangUpOnConnectionsThatWereUsedBefore) {
  Switch("stale");
  const auto wire = [&](std::uint64_t earlier) {
    return simulator_.Handle({"GET", kTasks, {{"Authorization", "Bearer " + Token()}}, "", earlier})
        .delivery.wire;
  };
  EXPECT_EQ(wire(0), Wire::kWhole);
  EXPECT_EQ(wire(1), Wire::kHangUp);
}

TEST_F(Faults, AddUnknownFields) {
  Switch("new_fields");
  EXPECT_TRUE(FirstItem()->has("entanglement"));
  EXPECT_TRUE(List(kQuery).body->has("entanglement"));
}

TEST_F(Faults, GiveEveryTaskAQueueOfItsOwn) {
  const auto queues = [&] {
    std::vector<std::string> names;
    const ReadPage page = List("state=completed");
    for (const auto& item : *page.body->getArray("items")) {
      names.push_back(item.extract<Poco::JSON::Object::Ptr>()->getValue<std::string>("queue"));
    }
    return names;
  };
  Switch("many_queues", "noise \"");
  const std::vector<std::string> own = queues();
  EXPECT_EQ(std::set<std::string>(own.begin(), own.end()).size(), ids_.size());
  EXPECT_EQ(own.front(), "noise \"" + std::to_string(ids_.front()));
  Switch("many_queues", "2");
  const std::vector<std::string> few = queues();
  EXPECT_EQ(std::set<std::string>(few.begin(), few.end()),
            (std::set<std::string>{"queue-0", "queue-1"}));
  EXPECT_EQ(queues(), few);
}

TEST_F(Faults, RepeatTheCursorJustUsed) {
  Switch("cursor_self");
  const ReadPage first = List(kQuery);
  const ReadPage second = Next(first, 3);
  EXPECT_EQ(second.after, first.after);
}

TEST_F(Faults, LoopOverCursors) {
  Switch("cursor_loop", "2");
  const ReadPage first = List(kQuery);
  const ReadPage second = Next(first, 3);
  const ReadPage third = Next(second, 3);
  EXPECT_EQ(third.ids, first.ids);
  EXPECT_EQ(third.after, first.after);
}

TEST_F(Faults, NeverEndTheCursors) {
  Switch("endless_cursors");
  ReadPage page = List(kQuery);
  std::set<std::string> cursors;
  for (int n = 0; n < 10; ++n) {
    ASSERT_FALSE(page.after.empty());
    EXPECT_TRUE(cursors.insert(page.after).second);
    page = Next(page, 3);
  }
  EXPECT_TRUE(page.ids.empty());
}

TEST_F(Faults, SlipInAnEmptyPage) {
  const ReadPage first = List(kQuery);
  Switch("empty_page");
  const ReadPage empty = Next(first, 3);
  EXPECT_TRUE(empty.ids.empty());
  EXPECT_NE(empty.after, first.after);
  EXPECT_EQ(Next(empty, 3).ids.front(), ids_[3]);
}

TEST_F(Faults, RefuseCursors) {
  const ReadPage first = List(kQuery);
  Switch("cursor_expired", "410");
  EXPECT_EQ(Get(kTasks + "?limit=3&after=" + Encode(first.after)).status, 410);
  EXPECT_EQ(Get(kTasks + "?" + kQuery).status, 200);
}

TEST_F(Faults, RepeatAPageAndGoOn) {
  const ReadPage first = List(kQuery);
  Switch("repeated_page");
  const ReadPage again = Next(first, 3);
  EXPECT_EQ(again.ids, first.ids);
  EXPECT_EQ(Next(again, 3).ids.front(), ids_[3]);
}

TEST_F(Faults, SkipAPage) {
  const ReadPage first = List(kQuery);
  Switch("skipped_page");
  const ReadPage third = Next(first, 3);
  EXPECT_EQ(third.ids.front(), ids_[6]);
  EXPECT_EQ(Next(third, 3).ids, std::vector<std::int64_t>{ids_[9]});
}

TEST_F(Faults, InsertBetweenPages) {
  const ReadPage first = List(kQuery);
  Switch("insert_between_pages", "2");
  const ReadPage second = Next(first, 3);
  // Two came in behind the second: the third has moved on and is shown again.
  EXPECT_EQ(second.ids[1], ids_[2]);
  EXPECT_EQ(simulator_.TaskCount(), 12U);
}

TEST_F(Faults, InsertNothingAmongTasksThatAreNotCompleted) {
  NewTask task;
  task.state = "started";
  for (int n = 0; n < 4; ++n) {
    simulator_.AddTask(task);
  }
  const std::uint64_t before = simulator_.TaskCount();
  const ReadPage first = List("state=started&limit=3");
  Switch("insert_between_pages", "2");
  EXPECT_EQ(Next(first, 3).ids.size(), 1U);
  EXPECT_EQ(simulator_.TaskCount(), before);
}

TEST_F(Faults, RemoveBetweenPages) {
  const ReadPage first = List(kQuery);
  Switch("remove_between_pages", "2");
  EXPECT_EQ(Next(first, 3).ids.front(), ids_[5]);
}

TEST_F(Faults, DuplicateItems) {
  Switch("duplicate_in_page");
  const ReadPage first = List(kQuery);
  EXPECT_EQ(first.ids, (std::vector<std::int64_t>{ids_[0], ids_[1], ids_[2], ids_[0]}));
  simulator_.Faults().ClearAll();
  Switch("duplicate_across_pages");
  EXPECT_EQ(Next(first, 3).ids.front(), ids_[2]);
}

TEST_F(Faults, BringTasksLateAndFromTheFuture) {
  Switch("late_task", "7200");
  Switch("future_task", "600");
  List(kQuery);
  List(kQuery);
  EXPECT_EQ(simulator_.TaskCount(), 12U);
  EXPECT_EQ(List("completedAt=le(" + std::to_string(1'760'115'600 - 7200) + ")").ids.size(), 1U);
  EXPECT_EQ(List("completedAt=ge(" + std::to_string(1'760'115'600 + 600) + ")").ids.size(), 1U);
}

TEST_F(Faults, RewriteFinishedTasks) {
  Switch("changed_result", "timedout");
  Switch("changed_time", "5");
  List(kQuery);
  EXPECT_EQ(List("resultCode=timedout&completedAt=" + std::to_string(1'760'115'600 - 91 + 5)).ids,
            std::vector<std::int64_t>{ids_[9]});
}

TEST_F(Faults, FreezeTheWorld) {
  Switch("frozen");
  const std::string before = List(kQuery).body->getValue<std::string>("timeStamp");
  clock_.Advance(std::chrono::minutes(5));
  EXPECT_EQ(List(kQuery).body->getValue<std::string>("timeStamp"), before);
  simulator_.Faults().ClearAll();
  EXPECT_NE(List(kQuery).body->getValue<std::string>("timeStamp"), before);
}

TEST_F(Faults, EmptyTheService) {
  Switch("empty");
  const ReadPage page = List(kQuery);
  EXPECT_TRUE(page.ids.empty());
  EXPECT_TRUE(page.after.empty());
}

TEST_F(Faults, RefuseATlsFlawThatNobodyKnows) {
  const auto set = simulator_.Faults().Set({.name = "tls", .value = "revoked"});
  ASSERT_FALSE(set);
  EXPECT_NE(set.error().message.find("'revoked'"), std::string::npos);
  EXPECT_NE(set.error().message.find("wrong_host"), std::string::npos);
  EXPECT_TRUE(simulator_.Faults().List().empty());
}

TEST_F(Faults, PackABodyTwice) {
  const auto unpack = [](const std::string& packed) {
    std::istringstream in(packed);
    Poco::InflatingInputStream stream(in, Poco::InflatingStreamBuf::STREAM_GZIP);
    std::string text;
    Poco::StreamCopier::copyToString(stream, text);
    return text;
  };
  const std::string plain = Get(kTasks + "?state=completed").body;
  simulator_.AddClient("other", Secret("other-s3cret"));
  token_ = Parse(RequestToken("other:other-s3cret").body)->getValue<std::string>("access_token");
  Switch("nested_encoding");
  const Reply reply = Get(kTasks + "?state=completed");
  EXPECT_EQ(FindHeader(reply.headers, "Content-Encoding"), "gzip, gzip");
  EXPECT_EQ(unpack(unpack(reply.body)), plain);
  EXPECT_TRUE(simulator_.Shown("other").empty());
}

TEST_F(Faults, PackForClientsThatAcceptIt) {
  Switch("gzip");
  const auto encoding = [&](Headers headers) {
    headers.emplace_back("Authorization", "Bearer " + token_);
    return std::string(FindHeader(
        simulator_.Handle({"GET", kTasks, std::move(headers), ""}).headers, "Content-Encoding"));
  };
  EXPECT_EQ(encoding({}), "");
  EXPECT_EQ(encoding({{"Accept-Encoding", "identity"}}), "");
  EXPECT_EQ(encoding({{"Accept-Encoding", "gzip, br"}}), "gzip");
}

TEST_F(Faults, PackABomb) {
  Switch("gzip_bomb", "16");
  const Reply reply = Get(kTasks);
  EXPECT_EQ(FindHeader(reply.headers, "Content-Encoding"), "gzip");
  EXPECT_LT(reply.body.size(), 100'000U);
  EXPECT_TRUE(reply.body.starts_with("\x1f\x8b"));
}

}  // namespace
}  // namespace acronis::simulator
