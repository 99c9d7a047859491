#include "plugin/ledger/sqlite/sqlite_ledger.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "tests/ledger/ledger_fixture.h"

namespace acronis::ledger::sqlite {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class SqliteLedgerTest : public LedgerFixture {
 protected:
  /// How many log lines have `text` in them.
  std::ptrdiff_t Logged(const std::string& text) const {
    const auto lines = log_.Texts();
    return std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
      return line.find(text) != std::string::npos;
    });
  }
};

TEST_F(SqliteLedgerTest, GoesOnAfterARestartAsIfNothingHadHappened) {
  Open();
  CompleteBaseline();
  progress_.baseline_complete = false;
  ASSERT_TRUE(Count({Done(1, kNow - minutes(3), "error", "a"), Done(2, kNow, "warning", "b")}));
  CompleteBaseline();
  progress_.data_gap = seconds(7);
  progress_.last_sweep = kNow - hours(2);
  ASSERT_TRUE(Count({Done(3, kNow + hours(1), "ok", "a"), Done(1, kNow - minutes(3), "ok", "a"),
                     Done(4, kNow - hours(30), "ok", "a")},
                    "emea", 2));
  const auto before = ledger_->Snapshot();
  CloseLedger();

  const Progress committed = progress_;
  Open();
  EXPECT_EQ(progress_, committed);
  const auto after = ledger_->Snapshot();
  EXPECT_EQ(after->generation, before->generation);
  EXPECT_EQ(after->store.id, before->store.id);
  const AccountCounts& was = *before->accounts.at(0);
  const AccountCounts& is = *after->accounts.at(0);
  EXPECT_EQ(is.books, was.books);
  EXPECT_EQ(is.books.received, 7U);
  EXPECT_EQ(is.data_gap, seconds(7));
  EXPECT_EQ(is.dedupe_entries, 3U);
  EXPECT_EQ(is.watermark, was.watermark);
  ASSERT_EQ(is.queues.size(), 2U);
  for (const auto& [name, queue] : was.queues) {
    EXPECT_EQ(*is.queues.at(name), *queue) << name;
  }
  EXPECT_EQ(Completed("a", ResultCode::kError), 1U);
  EXPECT_EQ(is.queues.at("a")->duration.buckets, (std::vector<std::uint64_t>{0, 2, 0}));
}

TEST_F(SqliteLedgerTest, KnowsItsIdsAfterARestart) {
  Open();
  CompleteBaseline();
  ASSERT_TRUE(Count({Done(1), Done(2, kNow, "error")}));
  Open();
  const auto again = Count({Done(1), Done(2, kNow, "ok"), Done(3)});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->duplicate, 2U);
  EXPECT_EQ(again->counted, 1U);
  EXPECT_EQ(Shown()->books.changed_result, 1U);
}

TEST_F(SqliteLedgerTest, RemembersACompletionThatMovedBackOverARestart) {
  Open();
  CompleteBaseline();
  ASSERT_TRUE(Count({Done(1, kNow)}));
  ASSERT_TRUE(Count({Done(1, kNow - minutes(5))}));
  Open();
  ASSERT_TRUE(Count({Done(1, kNow - minutes(5))}));
  EXPECT_EQ(Shown()->books.changed_completion_time, 1U);
  ASSERT_TRUE(Count({Done(1, kNow)}));
  Open();
  ASSERT_TRUE(Count({Done(1, kNow)}));
  EXPECT_EQ(Shown()->books.changed_completion_time, 2U);
}

TEST_F(SqliteLedgerTest, HoldsASeriesAnewAfterARestartAndNeverARevealedOne) {
  Open();
  CompleteBaseline();
  ASSERT_TRUE(Count({}));
  ASSERT_TRUE(Count({Done(1, kNow, "error", "new")}));
  ledger_->NoteServed(ledger_->Snapshot()->generation, clock_.Monotonic());
  EXPECT_EQ(ledger_->Tend(clock_.Monotonic()), clock_.Monotonic() + minutes(2));

  Open();  // Right before the hold passed.
  clock_.Advance(minutes(3));
  EXPECT_EQ(ledger_->Tend(clock_.Monotonic()), std::nullopt) << "no scrape has seen the 0";
  EXPECT_EQ(Completed("new", ResultCode::kError), 0U);
  ledger_->NoteServed(ledger_->Snapshot()->generation, clock_.Monotonic());
  ledger_->Tend(clock_.Monotonic());
  clock_.Advance(minutes(2));
  const auto held = ledger_->Snapshot()->generation;
  ledger_->Tend(clock_.Monotonic());
  EXPECT_EQ(Completed("new", ResultCode::kError), 1U);
  EXPECT_GT(ledger_->Snapshot()->generation, held) << "the reveal is a commit";

  Open();
  EXPECT_EQ(Completed("new", ResultCode::kError), 1U);
}

TEST_F(SqliteLedgerTest, ForgetsIdsBelowTheHorizonInMemoryAndInTheStore) {
  Open();
  CompleteBaseline();
  progress_.horizon = kNow - hours(10);
  std::vector<Task> tasks;
  for (int id = 1; id <= 100; ++id) {
    tasks.push_back(Done(id, kNow - minutes(id)));
  }
  tasks.push_back(Done(200, kNow - hours(3)));
  tasks.push_back(Done(200, kNow));  // Its newest completion decides.
  ASSERT_TRUE(Count(tasks));
  EXPECT_EQ(Shown()->dedupe_entries, 101U);
  progress_.horizon = kNow - minutes(50);
  ASSERT_TRUE(Count({}));
  EXPECT_EQ(Shown()->dedupe_entries, 51U);
  Open();
  EXPECT_EQ(Shown()->dedupe_entries, 51U);
  EXPECT_EQ(Count({Done(200, kNow)})->duplicate, 1U);
  EXPECT_EQ(Count({Done(50, kNow - minutes(50))})->duplicate, 1U) << "not below the horizon";
  EXPECT_EQ(Count({Done(51, kNow - minutes(51))})->discarded_late, 1U);
}

TEST_F(SqliteLedgerTest, ForgetsALongPastInSteps) {
  Open();
  CompleteBaseline();
  std::vector<Task> tasks;
  for (int id = 1; id <= 5000; ++id) {
    tasks.push_back(Done(id, kNow - hours(1) - seconds(id)));
  }
  ASSERT_TRUE(Count(tasks));
  progress_.horizon = kNow - minutes(30);
  ASSERT_TRUE(Count({}));
  EXPECT_EQ(Shown()->dedupe_entries, 3000U);
  ASSERT_TRUE(Count({Done(6000)}));
  ASSERT_TRUE(Count({Done(6001)}));
  EXPECT_EQ(Shown()->dedupe_entries, 2U);
}

TEST_F(SqliteLedgerTest, RefusesAnAccountThatIsAnother) {
  const AccountIdentity account{.name = "emea", .base_url = "https://a.example:443"};
  Open({account});
  AccountIdentity moved = account;
  moved.base_url = "https://b.example:443";
  const std::string refused = TryOpen({moved});
  EXPECT_NE(refused.find("another base_url"), std::string::npos) << refused;
  EXPECT_NE(refused.find("store accept-account emea"), std::string::npos) << refused;
  AccountIdentity scoped = account;
  scoped.tenant = "9c4e0f4c";
  EXPECT_NE(TryOpen({scoped}).find("another tenant"), std::string::npos);
  EXPECT_EQ(TryOpen({account}), "") << "nothing was changed by the refusals";
}

TEST_F(SqliteLedgerTest, LogsChangedFiltersAndAnIgnoredStart) {
  Open({{.name = "emea", .filters = "queue=a", .start = "now"}});
  Open({{.name = "emea", .filters = "queue=b", .start = "86400s back"}});
  EXPECT_TRUE(Logged("filters changed"));
  EXPECT_TRUE(Logged("poll.start changed and is ignored"));
  Open({{.name = "emea", .filters = "queue=b", .start = "86400s back"}});
  EXPECT_EQ(Logged("filters changed"), 1);
}

TEST_F(SqliteLedgerTest, KeepsTheRowsOfAnAccountThatIsAway) {
  Open({{.name = "emea"}, {.name = "apac"}});
  CompleteBaseline();
  ASSERT_TRUE(Count({Done(1)}, "apac"));
  Open({{.name = "emea"}});
  EXPECT_EQ(ledger_->Snapshot()->accounts.size(), 1U);
  ASSERT_TRUE(Count({Done(5)}));
  Open({{.name = "apac"}});
  EXPECT_EQ(progress_.watermark, kNow - minutes(1));
  EXPECT_EQ(Count({Done(1)}, "apac")->duplicate, 1U);
}

TEST_F(SqliteLedgerTest, RefusesANameTwice) {
  EXPECT_NE(TryOpen({{.name = "emea"}, {.name = "emea"}}).find("unique"), std::string::npos);
}

TEST_F(SqliteLedgerTest, BeginsAHistogramAnewWhenItsBoundsChange) {
  Open();
  CompleteBaseline();
  progress_.baseline_complete = false;
  ASSERT_TRUE(Count({Done(1)}));
  CompleteBaseline();
  ASSERT_TRUE(Count({Done(2)}));
  options_.rules.duration_bounds = {5, 10, 20, 40};
  Open();
  EXPECT_TRUE(Logged("bucket bounds changed"));
  const QueueCounts& queue = *Shown()->queues.at("backup");
  EXPECT_EQ(queue.duration.buckets, std::vector<std::uint64_t>(5));
  EXPECT_EQ(queue.duration.sum_us, 0);
  EXPECT_EQ(queue.queue_wait.buckets, (std::vector<std::uint64_t>{0, 0, 2, 0}));
  EXPECT_EQ(queue.completed[0], 2U);
  Open();
  EXPECT_EQ(Shown()->queues.at("backup")->duration.buckets.size(), 5U);
}

TEST_F(SqliteLedgerTest, NamesTheProcessThatHasTheStore) {
  Open();
  const auto second = SqliteLedger::Open(
      options_, {.clock = clock_, .log = log_, .telemetry = telemetry_, .on_fatal = {}});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("in use by process " + std::to_string(getpid())),
            std::string::npos)
      << second.error().message;
}

TEST_F(SqliteLedgerTest, RefusesCommitsOnceClosed) {
  Open();
  ASSERT_TRUE(Count({Done(1)}));
  ledger_->Close();
  ledger_->Close();
  EXPECT_FALSE(Count({Done(2)}));
  EXPECT_EQ(ledger_->Snapshot()->accounts.at(0)->books.counted, 1U) << "the picture stays";
}

TEST_F(SqliteLedgerTest, WritesNothingWhenNothingIsNew) {
  Open();
  CompleteBaseline();
  ASSERT_TRUE(Count({}));
  const auto generation = ledger_->Snapshot()->generation;
  ASSERT_TRUE(ledger_->Advance("emea", {.progress = progress_}));
  EXPECT_EQ(ledger_->Snapshot()->generation, generation);
}

TEST_F(SqliteLedgerTest, TellsOfQueuesBeyondTheLimit) {
  options_.rules.queue_limit = 1;
  Open();
  ASSERT_TRUE(Count({Done(1, kNow, "ok", "a"), Done(2, kNow, "ok", "b")}));
  EXPECT_EQ(telemetry_.overflowed, 1U);
}

/// Threads of several accounts commit at the same time while others look.
TEST_F(SqliteLedgerTest, CountsRightWhenAllCommitAtOnce) {
  constexpr int kAccounts = 8;
  constexpr int kPages = 40;
  std::vector<AccountIdentity> accounts;
  for (int number = 0; number < kAccounts; ++number) {
    accounts.push_back({.name = "account" + std::to_string(number)});
  }
  Open(accounts);
  CompleteBaseline();
  std::vector<std::thread> threads;
  for (int number = 0; number < kAccounts; ++number) {
    threads.emplace_back([&, number] {
      for (int page = 0; page < kPages; ++page) {
        const std::vector<Task> tasks{Done(page * 2), Done(page * 2 + 1), Done(page)};
        const PageCommit commit{.tasks = tasks, .server_time = kNow, .progress = progress_};
        EXPECT_TRUE(ledger_->Commit("account" + std::to_string(number), commit));
        const auto snapshot = ledger_->Snapshot();
        const Books& books = snapshot->accounts.at(static_cast<std::size_t>(number))->books;
        EXPECT_EQ(books.received, static_cast<std::uint64_t>(page + 1) * 3);
        ledger_->NoteServed(snapshot->generation, clock_.Monotonic());
        ledger_->Tend(clock_.Monotonic());
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  Open(accounts);
  for (std::size_t number = 0; number < kAccounts; ++number) {
    EXPECT_EQ(Shown(number)->books.counted, kPages * 2U);
    EXPECT_EQ(Shown(number)->books.duplicate, static_cast<unsigned>(kPages));
  }
}

TEST_F(SqliteLedgerTest, CountsWhatSeveralSessionsOfAnAccountCommitAtOnce) {
  constexpr int kSessions = 16;
  constexpr int kPages = 20;
  Open();
  CompleteBaseline();
  ASSERT_TRUE(ledger_->Advance("emea", {.progress = progress_}));
  const auto before = ledger_->Snapshot()->generation;
  std::vector<std::thread> sessions;
  for (int session = 0; session < kSessions; ++session) {
    sessions.emplace_back([&, session] {
      for (int page = 0; page < kPages; ++page) {
        // Every task is read by two sessions.
        const std::vector<Task> tasks{Done((session / 2) * kPages + page)};
        const PageCommit commit{.tasks = tasks, .server_time = kNow};
        const auto outcome = ledger_->Commit("emea", commit);
        ASSERT_TRUE(outcome);
        EXPECT_EQ(outcome->counted + outcome->duplicate, 1U);
      }
    });
  }
  for (std::thread& session : sessions) {
    session.join();
  }
  EXPECT_LT(ledger_->Snapshot()->generation - before, std::uint64_t{kSessions} * kPages)
      << "pages that wait share a transaction";
  Open();
  EXPECT_EQ(Shown()->books.counted, std::uint64_t{kSessions} * kPages / 2);
  EXPECT_EQ(Shown()->books.duplicate, std::uint64_t{kSessions} * kPages / 2);
  EXPECT_TRUE(Shown()->baseline_complete) << "the progress is what it was";
}

TEST_F(SqliteLedgerTest, NotesWhatAScrapeSawAtMostOnceASecond) {
  Open();
  CompleteBaseline();
  ASSERT_TRUE(Count({Done(1)}));
  const GuardFile guard(options_.guard_path);
  EXPECT_EQ(*guard.Read(), std::nullopt) << "nothing was shown yet";
  const auto first = ledger_->Snapshot()->generation;
  ledger_->NoteServed(first, clock_.Monotonic());
  ledger_->Tend(clock_.Monotonic());
  EXPECT_EQ((*guard.Read())->commits, first);
  ASSERT_TRUE(Count({Done(2)}));
  ledger_->NoteServed(first + 1, clock_.Monotonic());
  EXPECT_EQ(ledger_->Tend(clock_.Monotonic()), clock_.Monotonic() + seconds(1));
  EXPECT_EQ((*guard.Read())->commits, first);
  ASSERT_TRUE(Count({Done(3)}));
  CloseLedger();
  EXPECT_EQ((*guard.Read())->commits, first + 1) << "what was shown, not what is committed";
}

TEST_F(SqliteLedgerTest, RefusesAStoreThatIsOlderThanWhatWasShown) {
  Open();
  CompleteBaseline();
  ASSERT_TRUE(Count({Done(1)}));
  CloseLedger();
  const auto backup = folder_.Path() / "backup.db";
  std::filesystem::copy_file(options_.store.path, backup);
  Open();
  ASSERT_TRUE(Count({Done(2)}));
  ledger_->NoteServed(ledger_->Snapshot()->generation, clock_.Monotonic());
  CloseLedger();
  std::filesystem::copy_file(backup, options_.store.path,
                             std::filesystem::copy_options::overwrite_existing);
  const std::string refused = TryOpen();
  EXPECT_NE(refused.find("older than what was already shown"), std::string::npos) << refused;
  EXPECT_NE(refused.find("store new-epoch"), std::string::npos) << refused;

  std::filesystem::remove(options_.guard_path);
  EXPECT_EQ(TryOpen(), "") << "a store that moved to another host has no guard";
}

TEST_F(SqliteLedgerTest, AcceptsATornGuardAndSaysSo) {
  Open();
  ledger_->NoteServed(ledger_->Snapshot()->generation, clock_.Monotonic());
  CloseLedger();
  std::filesystem::resize_file(options_.guard_path, 40);
  Open();
  EXPECT_TRUE(Logged("guard file is not usable"));
}

TEST_F(SqliteLedgerTest, SaysThatAStoreIsAnotherThanTheOneShown) {
  Open();
  ledger_->NoteServed(ledger_->Snapshot()->generation, clock_.Monotonic());
  CloseLedger();
  std::filesystem::remove(options_.store.path);
  Open();
  EXPECT_TRUE(Logged("another store than the one last shown"));
}

TEST_F(SqliteLedgerTest, GoesOnWithoutAGuardThatCannotBeWritten) {
  std::filesystem::create_directories(options_.guard_path);  // In its place.
  Open();
  CompleteBaseline();
  ASSERT_TRUE(Count({Done(1)}));
  ledger_->NoteServed(ledger_->Snapshot()->generation, clock_.Monotonic());
  ledger_->Tend(clock_.Monotonic());
  EXPECT_TRUE(Logged("guard file cannot be written"));
  EXPECT_TRUE(Count({Done(2)}));
}

}  // namespace
}  // namespace acronis::ledger::sqlite
