#include "exporter/web/collector_hooks.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/exporter/exposition/gunzip.h"
#include "tests/exporter/exposition/page_reader.h"
#include "tests/fakes/fake_collector.h"
#include "tests/fakes/sample_snapshot.h"

namespace acronis::exporter {
namespace {

class HooksForTest : public ::testing::Test {
 protected:
  fakes::FakeCollector collector_{fakes::SampleSnapshot()};
  Instruments instruments_{InstrumentsOptions{}};
  MetricsPage page_{collector_, instruments_, {}};
  bool ready_ = false;
  ScrapeHooks hooks_ = HooksFor(collector_, page_, [this] { return ready_; });
};

TEST_F(HooksForTest, NotesTheSnapshotThatTheScrapeShowed) {
  const ScrapeReply reply = hooks_.metrics({});
  EXPECT_NE(reply.body.Join().find("acronis_up{account=\"emea\"} 1"), std::string::npos);
  EXPECT_TRUE(collector_.Served().empty());

  Snapshot later = fakes::SampleSnapshot();
  later.generation = 99;
  collector_.Show(later);
  reply.served();
  EXPECT_EQ(collector_.Served(), std::vector<std::uint64_t>{42});
}

TEST_F(HooksForTest, NotesNothingWhenNoFamilyOfTheTasksWasAskedFor) {
  hooks_.metrics({.names = {"acronis_up"}}).served();
  EXPECT_TRUE(collector_.Served().empty());
  hooks_.metrics({.names = {"acronis_up", "acronis_tasks_completed_total"}}).served();
  EXPECT_EQ(collector_.Served(), std::vector<std::uint64_t>{42});
}

/// A state whose task families and whose books show its generation.
Snapshot Numbered(std::uint64_t generation) {
  auto queue = std::make_shared<QueueCounts>();
  queue->completed.fill(generation);
  auto counts = std::make_shared<AccountCounts>();
  counts->account = "a";
  counts->baseline_complete = true;
  counts->dedupe_entries = generation;
  counts->queues = {{"q", queue}};
  return {.generation = generation, .accounts = {AccountView{counts, true, false, nullptr}}};
}

TEST_F(HooksForTest, ShowsOneStateWhileItChangesAndManyScrape) {
  collector_.Show(Numbered(1));
  std::atomic<int> mixed = 0;
  {
    std::vector<std::jthread> threads;
    for (const std::string accept : {"text/plain", "application/openmetrics-text"}) {
      for (const std::string encoding : {"identity", "gzip"}) {
        threads.emplace_back([this, &mixed, request = ScrapeRequest{accept, encoding, {}}] {
          for (int i = 0; i < 50; ++i) {
            const ScrapeReply reply = hooks_.metrics(request);
            const std::string body = reply.body.Join();
            const std::string page = reply.content_encoding.empty() ? body : Gunzip(body);
            const std::string entries =
                ValueOf(page, R"(acronis_exporter_dedupe_entries{account="a"})");
            const std::string tasks = ValueOf(page, R"(acronis_tasks_completed_total{account="a",)"
                                                    R"(queue="q",state="completed",)"
                                                    R"(result_code="ok"})");
            mixed += entries == tasks ? 0 : 1;
          }
        });
      }
    }
    for (std::uint64_t generation = 2; generation < 200; ++generation) {
      collector_.Show(Numbered(generation));
      hooks_.metrics({});
    }
  }
  EXPECT_EQ(mixed, 0);
}

TEST_F(HooksForTest, ListsTheAccountsForTheLandingPage) {
  const std::vector<AccountStatus> accounts = hooks_.accounts();
  ASSERT_EQ(accounts.size(), 2U);
  EXPECT_EQ(accounts[0].name, "emea");
  EXPECT_TRUE(accounts[0].up);
  EXPECT_EQ(accounts[0].watermark, fakes::AtSecond(1'790'000'200));
  EXPECT_EQ(accounts[1].name, "apac");
  EXPECT_FALSE(accounts[1].up);
  EXPECT_FALSE(accounts[1].watermark) << "the first catch-up is not complete";
}

TEST_F(HooksForTest, PassesReadinessOn) {
  EXPECT_FALSE(hooks_.ready());
  ready_ = true;
  EXPECT_TRUE(hooks_.ready());
}

}  // namespace
}  // namespace acronis::exporter
