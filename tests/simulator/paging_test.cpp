#include "tests/simulator/simulator_fixture.h"

namespace acronis::simulator {
namespace {

class Paging : public SimulatorTest {
 protected:
  std::vector<std::int64_t> AddTen() {
    std::vector<std::int64_t> ids;
    for (int n = 0; n < 10; ++n) {
      ids.push_back(AddAt(n - 100));
    }
    return ids;
  }

  /// All items of a walk with pages of `limit`.
  std::vector<std::int64_t> Walk(const std::string& query, int limit, int max_pages = 20) {
    ReadPage page = List(query + "&limit=" + std::to_string(limit));
    std::vector<std::int64_t> ids = page.ids;
    for (int pages = 1; !page.after.empty() && pages < max_pages; ++pages) {
      page = Next(page, limit);
      ids.insert(ids.end(), page.ids.begin(), page.ids.end());
    }
    return ids;
  }
};

const std::string kQuery = "state=completed&order=asc(completedAt)";

TEST_F(Paging, ShowsEveryTaskOnceInOrder) {
  const auto ids = AddTen();
  EXPECT_EQ(Walk(kQuery, 3), ids);
  EXPECT_EQ(Walk(kQuery, 5), ids);
  EXPECT_EQ(Walk(kQuery, 10), ids);
}

TEST_F(Paging, TokensDoNotGrowFromPageToPage) {
  AddTen();
  Switch("cursor_loop", "2");  // Offsets 10 and 0: their tokens need different padding.
  const ReadPage first = List(kQuery + "&limit=10");
  ReadPage page = first;
  for (int round = 0; round < 5; ++round) {
    page = Next(Next(page, 10), 10);
    EXPECT_EQ(page.after, first.after);
  }
}

TEST_F(Paging, LeavesPagingOutOnTheLastPage) {
  AddTen();
  const ReadPage first = List(kQuery + "&limit=6");
  EXPECT_EQ(first.body->getValue<int>("size"), 6);
  const ReadPage last = Next(first, 6);
  EXPECT_EQ(last.body->getValue<int>("size"), 4);
  EXPECT_FALSE(last.body->has("paging"));
}

TEST_F(Paging, ShowsAllWithoutALimit) {
  AddTen();
  const ReadPage page = List(kQuery);
  EXPECT_EQ(page.ids.size(), 10U);
  EXPECT_FALSE(page.body->has("paging"));
}

TEST_F(Paging, TokensCarryPlusAndSlashAndOnePad) {
  AddTen();
  for (const int limit : {1, 2, 3}) {
    const std::string after = List(kQuery + "&limit=" + std::to_string(limit)).after;
    EXPECT_NE(after.find('+'), std::string::npos) << after;
    EXPECT_NE(after.find('/'), std::string::npos) << after;
    EXPECT_TRUE(after.ends_with('=') && !after.ends_with("==")) << after;
  }
}

TEST_F(Paging, TokensRememberTheFilters) {
  AddTen();
  NewTask other;
  other.queue = "other";
  other.completed_at = clock_.Now() - std::chrono::hours(1);
  simulator_.AddTask(other);
  EXPECT_EQ(Walk(kQuery + "&queue=backup-agent", 4).size(), 10U);
}

TEST_F(Paging, AcceptsATokenAlone) {
  const auto ids = AddTen();
  const ReadPage first = List(kQuery + "&limit=6");
  EXPECT_EQ(List("after=" + Encode(first.after)).ids,
            std::vector<std::int64_t>(ids.begin() + 6, ids.end()));
}

TEST_F(Paging, RefusesTheTokenOfAnotherClient) {
  AddTen();
  const ReadPage first = List(kQuery + "&limit=6");
  simulator_.AddClient("other", Secret("other-s3cret"));
  token_ = Parse(RequestToken("other:other-s3cret").body)->getValue<std::string>("access_token");
  EXPECT_EQ(ErrorOf("limit=6&after=" + Encode(first.after)), "bad page token");
}

TEST_F(Paging, ShowsATaskAgainWhenOneSlipsInBefore) {
  const auto ids = AddTen();
  const ReadPage first = List(kQuery + "&limit=5");
  AddAt(-1000);
  EXPECT_EQ(Next(first, 5).ids.front(), ids[4]);
}

TEST_F(Paging, SkipsATaskWhenOneLeavesBefore) {
  const auto ids = AddTen();
  const ReadPage first = List(kQuery + "&limit=5");
  simulator_.RemoveTask(ids[0]);
  EXPECT_EQ(Next(first, 5).ids.front(), ids[6]);
}

TEST_F(Paging, CountsWithoutItems) {
  AddTen();
  const ReadPage page = List("state=completed&lod=count");
  EXPECT_EQ(page.body->getValue<int>("size"), 10);
  EXPECT_TRUE(page.ids.empty());
}

TEST_F(Paging, ForgetsTasksBeyondTheRetention) {
  AddAt(-100);
  clock_.Advance(std::chrono::hours(24 * 90));
  const auto kept = AddAt(-100);
  EXPECT_EQ(Walk(kQuery, 3), std::vector<std::int64_t>{kept});
  EXPECT_EQ(List("").ids, std::vector<std::int64_t>{kept});
}

TEST_F(Paging, HookMayChangeTasksBetweenPages) {
  AddTen();
  int requests = 0;
  simulator_.OnRequest([&](const Request& request) {
    if (request.target.find("after=") != std::string::npos && ++requests == 1) {
      AddAt(-50);
    }
  });
  EXPECT_EQ(Walk(kQuery, 5).size(), 11U);
}

}  // namespace
}  // namespace acronis::simulator
