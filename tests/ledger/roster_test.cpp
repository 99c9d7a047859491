/// Accounts that come, go and return while the ledger runs.

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/ledger/sqlite/schema.h"
#include "plugin/ledger/sqlite/store_tables.h"
#include "tests/ledger/faulty_disk.h"
#include "tests/ledger/ledger_fixture.h"
#include "tests/property/dice.h"

namespace acronis::ledger::sqlite {
namespace {

using property::Dice;
using std::chrono::hours;
using std::chrono::minutes;
using test::DiskCall;
using test::FaultyDisk;

class RosterTest : public LedgerFixture {
 protected:
  /// The writer runs from here on.
  void Begin() {
    Open();
    CompleteBaseline();
    ASSERT_TRUE(Count({Done(1)}));
  }

  std::shared_ptr<const AccountCounts> Of(const std::string& account) const {
    return FindAccount(*ledger_->Snapshot(), account);
  }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    const auto snapshot = ledger_->Snapshot();
    for (const auto& account : snapshot->accounts) {
      names.push_back(account->account);
    }
    return names;
  }

  std::uint64_t Generation() const { return ledger_->Snapshot()->generation; }

  bool Logged(const std::string& text) const {
    const auto lines = log_.Texts();
    return std::ranges::any_of(
        lines, [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }
};

TEST_F(RosterTest, TakesANewAccountInWhileItRuns) {
  Begin();
  const auto before = Generation();
  ASSERT_TRUE(ledger_->Register({.name = "apac"}));
  EXPECT_GT(Generation(), before);
  EXPECT_EQ(Names(), (std::vector<std::string>{"emea", "apac"}));
  ASSERT_TRUE(Count({Done(1), Done(2)}, "apac"));
  EXPECT_EQ(Of("apac")->books.counted, 2U) << "an id counts once an account";
  EXPECT_EQ(Of("emea")->books.counted, 1U);
  Open({{.name = "apac"}});
  EXPECT_EQ(Count({Done(2)}, "apac")->duplicate, 1U);
}

TEST_F(RosterTest, ReadsAnAccountThatWasNotPolledSinceTheStart) {
  Open({{.name = "emea"}, {.name = "apac"}});
  CompleteBaseline();
  ASSERT_TRUE(
      Count({Done(1), Done(2, kNow, "error"), Done(2, kNow - minutes(5), "error")}, "apac"));
  const auto was = Of("apac");
  Begin();
  const auto progress = ledger_->Register({.name = "apac"});
  ASSERT_TRUE(progress);
  EXPECT_EQ(*progress, progress_);
  const auto is = Of("apac");
  EXPECT_EQ(is->books, was->books);
  EXPECT_EQ(is->dedupe_entries, was->dedupe_entries);
  EXPECT_EQ(*is->queues.at("backup"), *was->queues.at("backup"));
  EXPECT_EQ(Count({Done(1), Done(2, kNow - minutes(5), "error")}, "apac")->duplicate, 2U);
  EXPECT_EQ(Of("apac")->books.changed_completion_time, was->books.changed_completion_time)
      << "as it was last shown";
}

TEST_F(RosterTest, LetsAnAccountGoAndReturn) {
  Begin();
  ASSERT_TRUE(ledger_->Register({.name = "apac"}));
  ASSERT_TRUE(Count({Done(1), Done(2)}, "apac"));
  ASSERT_TRUE(Count({Done(2, kNow - minutes(1)), Done(1, kNow, "error")}, "apac")) << "changed";
  const auto before = Generation();
  ASSERT_TRUE(ledger_->Retire("apac"));
  EXPECT_GT(Generation(), before);
  EXPECT_EQ(Names(), std::vector<std::string>{"emea"});
  const auto refused = Count({Done(3)}, "apac");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("'apac' is not registered"), std::string::npos)
      << refused.error().message;
  EXPECT_FALSE(ledger_->Advance("apac", {.progress = progress_}));
  EXPECT_FALSE(ledger_->Retire("apac"));
  ASSERT_TRUE(Count({Done(3)})) << "others go on";

  ASSERT_TRUE(ledger_->Register({.name = "apac"}));
  EXPECT_EQ(Of("apac")->books.counted, 2U);
  EXPECT_EQ(Count({Done(1), Done(2), Done(3)}, "apac")->counted, 1U);
  Open({{.name = "apac"}});
  EXPECT_EQ(Of("apac")->books.counted, 3U);
}

TEST_F(RosterTest, RefusesCommitsForANameThatNobodyKnows) {
  Begin();
  EXPECT_FALSE(Count({Done(1)}, "nobody"));
  EXPECT_FALSE(ledger_->Register({.name = "emea"})) << "twice";
}

TEST_F(RosterTest, HoldsAReturnedSeriesUntilAScrapeSawItAgain) {
  Begin();
  ASSERT_TRUE(Count({Done(2, kNow, "ok", "new")}));
  const auto before = Generation();
  ASSERT_TRUE(ledger_->Retire("emea"));
  ASSERT_TRUE(ledger_->Register({.name = "emea"}));
  ledger_->NoteServed(before, clock_.Monotonic());  // A slow scrape of the picture of before.
  ledger_->Tend(clock_.Monotonic());
  clock_.Advance(minutes(3));
  ledger_->Tend(clock_.Monotonic());
  EXPECT_EQ(Completed("new"), 0U);
  ledger_->NoteServed(Generation(), clock_.Monotonic());
  clock_.Advance(minutes(3));
  ledger_->Tend(clock_.Monotonic());
  EXPECT_EQ(Completed("new"), 1U);
}

TEST_F(RosterTest, DoesNotDisturbTheHoldOfAnotherAccount) {
  Begin();
  ASSERT_TRUE(Count({Done(2, kNow, "ok", "new")}));
  ledger_->NoteServed(Generation(), clock_.Monotonic());
  clock_.Advance(minutes(1));
  ASSERT_TRUE(
      ledger_->SetAccounts(std::vector<AccountIdentity>{{.name = "apac"}, {.name = "emea"}}));
  EXPECT_EQ(Names(), (std::vector<std::string>{"apac", "emea"}));
  clock_.Advance(minutes(1));
  ledger_->Tend(clock_.Monotonic());
  EXPECT_EQ(Of("emea")->queues.at("new")->completed[0], 1U);
}

TEST_F(RosterTest, ChangesAllAccountsInOneStep) {
  Open({{.name = "a"}, {.name = "b", .filters = "queue=x"}});
  CompleteBaseline();
  ASSERT_TRUE(Count({Done(1)}, "b"));
  const auto before = Generation();
  const auto progress = ledger_->SetAccounts(
      std::vector<AccountIdentity>{{.name = "c"}, {.name = "b", .filters = "queue=y"}});
  ASSERT_TRUE(progress);
  EXPECT_EQ(Generation(), before + 1);
  EXPECT_EQ(Names(), (std::vector<std::string>{"c", "b"}));
  EXPECT_EQ(progress->at(0), Progress{});
  EXPECT_EQ(progress->at(1), progress_);
  EXPECT_TRUE(Logged("filters changed"));
  ASSERT_TRUE(Count({Done(1), Done(2)}, "b"));
  EXPECT_EQ(Of("b")->books.counted, 2U);
  EXPECT_EQ(TryOpen({{.name = "b", .filters = "queue=y"}}), "");
  EXPECT_EQ(Of("b")->books.counted, 2U);
}

TEST_F(RosterTest, MovesTheGenerationAlsoBeforeTheWriterBegins) {
  Open({{.name = "a"}, {.name = "b"}});
  const auto before = Generation();
  ASSERT_TRUE(ledger_->Retire("b"));
  EXPECT_GT(Generation(), before);
  const auto without = Generation();
  ASSERT_TRUE(ledger_->SetAccounts(std::vector<AccountIdentity>{{.name = "b"}}));
  EXPECT_GT(Generation(), without);
}

TEST_F(RosterTest, ChecksAnIdentityWithoutEffect) {
  const AccountIdentity apac{.name = "apac", .base_url = "https://a.example:443"};
  Open({{.name = "emea"}, apac});
  Begin();
  const auto before = Generation();
  AccountIdentity moved = apac;
  moved.base_url = "https://b.example:443";
  const auto refused = ledger_->CheckIdentity(moved);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("another base_url"), std::string::npos);
  EXPECT_FALSE(ledger_->Register(moved));
  EXPECT_TRUE(ledger_->CheckIdentity(apac));
  EXPECT_TRUE(ledger_->CheckIdentity({.name = "new", .base_url = "https://b.example:443"}));
  EXPECT_EQ(Generation(), before);
  EXPECT_EQ(Names(), std::vector<std::string>{"emea"});
  EXPECT_TRUE(ledger_->Register(apac)) << "nothing was changed by the refusals";
}

TEST_F(RosterTest, ChangesNothingWhenOneOfManyIsRefused) {
  Open({{.name = "emea"}, {.name = "apac", .tenant = "9c4e0f4c"}});
  Begin();
  const auto before = ledger_->Snapshot();
  EXPECT_FALSE(ledger_->SetAccounts(
      std::vector<AccountIdentity>{{.name = "new"}, {.name = "apac", .tenant = "another"}}));
  EXPECT_FALSE(
      ledger_->SetAccounts(std::vector<AccountIdentity>{{.name = "new"}, {.name = "new"}}));
  EXPECT_EQ(ledger_->Snapshot(), before);
  EXPECT_TRUE(Count({Done(5)}));
}

TEST_F(RosterTest, RefusesToChangeTheAccountsOfAClosedLedger) {
  Begin();
  ledger_->Close();
  EXPECT_FALSE(ledger_->Register({.name = "apac"}));
  EXPECT_FALSE(ledger_->Retire("emea"));
  EXPECT_FALSE(ledger_->SetAccounts({}));
  EXPECT_EQ(Names(), std::vector<std::string>{"emea"}) << "the picture stays";
}

TEST(StoreTables, NoticeRowsOfAnAccountThatAreNotWhatWasWritten) {
  const test::TemporaryFolder folder;
  Database database(folder.Path() / "ledger.db", {.access = OpenMode::Access::kCreate});
  CreateSchema(database);
  StoreTables tables(database);
  const StoreHead head{
      .id = std::string(32, 'a'), .duration_bounds = {1}, .queue_wait_bounds = {1}};
  tables.Begin(head);
  const std::int64_t key = tables.AddAccount({.name = "emea"});
  QueueCounts queue;
  queue.duration.buckets.resize(2);
  queue.queue_wait.buckets.resize(2);
  tables.WriteQueue(key, "backup", {std::make_shared<const QueueCounts>(queue), true});
  const SeenTask seen{.newest = 7, .shown = 5, .result = ResultCode::kOk};
  tables.WriteSeen(key, std::vector<SeenChange>{{.id = 1, .now = seen}, {.id = 2, .now = seen}});
  const StoredAccount read = tables.Read(key);
  EXPECT_EQ(read.identity.name, "emea");
  EXPECT_EQ(read.state.seen.Find(2), seen);
  for (const char* const harm :
       {"UPDATE account SET counted = 7, received = 7", "UPDATE queue SET ok = 7",
        "DELETE FROM queue", "UPDATE seen SET result = 3 WHERE id = 2",
        "DELETE FROM seen WHERE id = 1", "UPDATE moved SET shown_second = 6",
        "DELETE FROM account"}) {
    database.Execute("BEGIN");
    database.Execute(harm);
    EXPECT_THROW(tables.Read(key), Damaged) << harm;
    database.Execute("ROLLBACK");
    EXPECT_NO_THROW(tables.Read(key)) << harm;
  }
}

TEST_F(RosterTest, KeepsTheAccountsWhenTheDiskFails) {
  FaultyDisk disk;
  options_.store.vfs = disk.Name();
  Begin();
  const auto before = ledger_->Snapshot();
  disk.Fail(DiskCall::kWrite, 0, SQLITE_FULL, 1000);
  EXPECT_FALSE(ledger_->SetAccounts(
      std::vector<AccountIdentity>{{.name = "emea", .filters = "queue=x"}, {.name = "apac"}}));
  EXPECT_EQ(ledger_->Snapshot()->accounts, before->accounts);
  EXPECT_FALSE(Count({Done(2)}, "apac"));
  disk.Heal();
  clock_.Advance(minutes(2));
  ASSERT_TRUE(Count({Done(2)}));
  ASSERT_TRUE(ledger_->Register({.name = "apac"}));
  ASSERT_TRUE(Count({Done(2)}, "apac"));
  Open({{.name = "emea"}, {.name = "apac"}});
  EXPECT_EQ(Of("emea")->books.counted, 2U);
  EXPECT_EQ(Of("apac")->books.counted, 1U);
  EXPECT_FALSE(Logged("filters changed"));
  ledger_.reset();  // It uses the disk.
}

/// What a ledger must show after any life, said in a few lines.
struct ModelAccount {
  std::set<std::int64_t> counted;
  std::uint64_t received = 0;
};

/// A life of commits, restarts and accounts that come and go.
class RosterLife : public RosterTest, public ::testing::WithParamInterface<int> {
 protected:
  void Live(Dice& dice) {
    options_.rules.series_hold = {};
    Open({});
    CompleteBaseline();
    for (int step = 0; step < 120; ++step) {
      Step(dice);
      Look();
    }
    ChooseAll();
    Open(Identities());
    Look();
  }

 private:
  void Step(Dice& dice) {
    switch (dice.Number(0, 9)) {
      case 0:
        Reshuffle(dice);
        ASSERT_TRUE(ledger_->SetAccounts(Identities()));
        break;
      case 1:
        Toggle(dice);
        break;
      case 2:
        Open(Identities());
        break;
      default:
        CountSome(dice);
    }
  }

  void Reshuffle(Dice& dice) {
    ChooseAll();
    std::shuffle(polled_.begin(), polled_.end(), dice.Source());
    polled_.resize(static_cast<std::size_t>(dice.Number(0, kAccounts)));
  }

  void Toggle(Dice& dice) {
    const std::string name = Name(static_cast<int>(dice.Number(0, kAccounts - 1)));
    if (std::erase(polled_, name) > 0) {
      ASSERT_TRUE(ledger_->Retire(name));
      return;
    }
    polled_.push_back(name);
    ASSERT_TRUE(ledger_->Register({.name = name}));
  }

  void CountSome(Dice& dice) {
    const std::string name = Name(static_cast<int>(dice.Number(0, kAccounts - 1)));
    std::vector<Task> tasks;
    for (std::int64_t left = dice.Number(0, 30); left > 0; --left) {
      const std::int64_t id = dice.Number(1, 300);
      tasks.push_back(
          Done(id, kNow - minutes(dice.Number(0, 60)), "ok", "queue" + std::to_string(id % 4)));
    }
    const bool counts = std::ranges::find(polled_, name) != polled_.end();
    ASSERT_EQ(static_cast<bool>(Count(tasks, name)), counts) << name;
    for (const Task& task : tasks) {
      if (counts) {
        model_[name].counted.insert(task.id);
        ++model_[name].received;
      }
    }
  }

  void Look() {
    ASSERT_EQ(Names(), polled_);
    ASSERT_GE(Generation(), generation_) << "it never moves back";
    generation_ = Generation();
    for (const std::string& name : polled_) {
      const auto shown = Of(name);
      const ModelAccount& model = model_[name];
      ASSERT_EQ(shown->books.received, model.received) << name;
      ASSERT_EQ(shown->books.counted, model.counted.size()) << name;
      ASSERT_EQ(shown->books.duplicate, model.received - model.counted.size()) << name;
      ASSERT_EQ(shown->dedupe_entries, model.counted.size()) << name;
      std::uint64_t completed = 0;
      for (const auto& [queue, counts] : shown->queues) {
        completed += counts->completed[0];
      }
      ASSERT_EQ(completed, shown->queues.empty() ? 0 : model.counted.size()) << name;
    }
  }

  void ChooseAll() {
    polled_.clear();
    for (int number = 0; number < kAccounts; ++number) {
      polled_.push_back(Name(number));
    }
  }

  std::vector<AccountIdentity> Identities() const {
    std::vector<AccountIdentity> identities;
    for (const std::string& name : polled_) {
      identities.push_back({.name = name});
    }
    return identities;
  }

  static std::string Name(int number) { return "account" + std::to_string(number); }

  static constexpr int kAccounts = 5;
  std::vector<std::string> polled_;
  std::map<std::string, ModelAccount> model_;
  std::uint64_t generation_ = 0;
};

TEST_P(RosterLife, LosesNothingAndCountsNothingTwice) {
  const std::uint64_t seed = property::BaseSeed() + static_cast<std::uint64_t>(GetParam());
  SCOPED_TRACE("TEST_SEED=" + std::to_string(seed) + " with one life");
  Dice dice(seed);
  Live(dice);
}

INSTANTIATE_TEST_SUITE_P(Lives, RosterLife, ::testing::Range(0, 12));

/// Accounts come and go while others commit and scrapes look.
TEST_F(RosterTest, CountsRightWhileOthersComeAndGo) {
  constexpr int kPages = 60;
  Begin();
  std::jthread visitor([this](const std::stop_token& stop) {
    std::uint64_t visits = 0;
    for (bool here = false; !stop.stop_requested() || here; here = !here) {
      if (here) {
        EXPECT_TRUE(ledger_->Retire("apac"));
        continue;
      }
      EXPECT_TRUE(ledger_->Register({.name = "apac"}));
      EXPECT_EQ(Of("apac")->books.counted, visits);
      EXPECT_TRUE(Count({Done(static_cast<std::int64_t>(visits++))}, "apac"));
    }
  });
  std::jthread scrapes([this](const std::stop_token& stop) {
    for (std::uint64_t seen = 0; !stop.stop_requested();) {
      const auto snapshot = ledger_->Snapshot();
      const auto emea = FindAccount(*snapshot, "emea");
      EXPECT_GE(emea->books.counted, seen);
      seen = emea->books.counted;
      ledger_->NoteServed(snapshot->generation, clock_.Monotonic());
      ledger_->Tend(clock_.Monotonic());
      EXPECT_TRUE(ledger_->CheckIdentity({.name = "apac"}));
    }
  });
  for (int page = 0; page < kPages; ++page) {
    ASSERT_TRUE(Count({Done(100 + page), Done(1)}));
  }
  visitor = {};
  scrapes = {};
  Open();
  EXPECT_EQ(Of("emea")->books.counted, kPages + 1U);
  EXPECT_EQ(Of("emea")->books.duplicate, static_cast<unsigned>(kPages));
}

}  // namespace
}  // namespace acronis::ledger::sqlite
