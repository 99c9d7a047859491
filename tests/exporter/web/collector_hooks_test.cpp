#include "exporter/web/collector_hooks.h"

#include <vector>

#include <gtest/gtest.h>

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
