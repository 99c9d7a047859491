/// What a start makes of a store that is not as it should be: it says so, and changes no byte.

#include "plugin/ledger/sqlite/store_file.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/ledger/sqlite/file_system.h"
#include "tests/ledger/ledger_fixture.h"

namespace acronis::ledger::sqlite {
namespace {

using std::chrono::minutes;

std::string ReadWhole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteWhole(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

class StoreFileTest : public LedgerFixture {
 protected:
  /// A store with something of everything in it, closed.
  void MakeStore(int tasks = 2000) {
    Open();
    CompleteBaseline();
    std::vector<Task> page;
    for (int id = 1; id <= tasks; ++id) {
      page.push_back(Done(1'000'000 + id, kNow - std::chrono::seconds(id),
                          id % 9 == 0 ? "error" : "ok", "queue" + std::to_string(id % 17)));
    }
    ASSERT_TRUE(Count(page));
    ASSERT_TRUE(Count({Done(1'000'001, kNow - minutes(90))}));  // One that moved back.
    CloseLedger();
  }

  const std::filesystem::path& Path() const { return options_.store.path; }

  std::map<std::string, std::string> Files() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.Path())) {
      if (entry.is_regular_file() && entry.path().extension() != ".lock") {
        files[entry.path().filename()] = ReadWhole(entry.path());
      }
    }
    return files;
  }

  /// Refused, with these words, and nothing was touched.
  void ExpectRefused(const std::string& words) {
    const auto before = Files();
    const std::string message = TryOpen();
    EXPECT_NE(message.find(words), std::string::npos) << "message: " << message;
    EXPECT_NE(message.find(Path().string()), std::string::npos) << message;
    const auto after = Files();
    for (const auto& [name, bytes] : before) {
      const auto now = after.find(name);
      ASSERT_NE(now, after.end()) << name << " is gone";
      const auto differ = std::ranges::mismatch(bytes, now->second);
      EXPECT_TRUE(bytes == now->second) << name << " was changed at byte "
                                        << differ.in1 - bytes.begin() << " of " << bytes.size();
    }
  }

  /// Everything a scrape would show.
  std::string Picture() {
    std::string picture;
    const auto shown = Shown();
    for (const auto& [name, queue] : shown->queues) {
      picture += name;
      for (const std::uint64_t tasks : queue->completed) {
        picture += " " + std::to_string(tasks);
      }
      for (const Histogram* const histogram : {&queue->duration, &queue->queue_wait}) {
        picture += " " + std::to_string(histogram->sum_us);
        for (const std::uint64_t bucket : histogram->buckets) {
          picture += "," + std::to_string(bucket);
        }
      }
    }
    return picture + " " + std::to_string(shown->books.received) + " " +
           std::to_string(shown->dedupe_entries);
  }
};

TEST_F(StoreFileTest, IsMadeForItsOwnerAloneAndUnderItsNameOnlyWhenWhole) {
  MakeStore(1);
  EXPECT_EQ(std::filesystem::status(Path()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(Files().size(), 1U) << "a clean stop leaves the store alone";
}

TEST_F(StoreFileTest, StartsOverAHalfMadeStore) {
  WriteWhole(Path().string() + ".new", "half");
  WriteWhole(Path().string() + ".new-journal", "half of a journal");
  EXPECT_EQ(TryOpen(), "");
}

TEST_F(StoreFileTest, IsRefusedWhenEmpty) {
  WriteWhole(Path(), "");
  ExpectRefused("does not begin as an SQLite database");
}

TEST_F(StoreFileTest, IsRefusedWhenItsHeadIsZeroed) {
  MakeStore();
  std::string bytes = ReadWhole(Path());
  std::fill_n(bytes.begin(), 100, '\0');
  WriteWhole(Path(), bytes);
  ExpectRefused("does not begin as an SQLite database");
}

TEST_F(StoreFileTest, IsRefusedWhenItIsAFolder) {
  std::filesystem::create_directory(Path());
  const std::string message = TryOpen();
  EXPECT_NE(message.find("it is a folder"), std::string::npos) << message;
  EXPECT_TRUE(std::filesystem::is_directory(Path()));
}

TEST_F(StoreFileTest, IsRefusedWhenItBelongsToAnotherProgram) {
  MakeStore(1);
  std::string bytes = ReadWhole(Path());
  bytes[70] = 'X';
  WriteWhole(Path(), bytes);
  ExpectRefused("a database of another program");
}

TEST_F(StoreFileTest, IsRefusedWhenANewerVersionWroteIt) {
  MakeStore(1);
  std::string bytes = ReadWhole(Path());
  bytes[63] = 99;
  WriteWhole(Path(), bytes);
  ExpectRefused("newer version of this program (store version 99");
}

TEST_F(StoreFileTest, IsRefusedWithARollbackJournalBesideIt) {
  MakeStore(1);
  WriteWhole(JournalOf(Path()), "a journal of something else");
  ExpectRefused("rollback journal");
}

TEST_F(StoreFileTest, IsRefusedWhenOnlyItsLogIsThere) {
  WriteWhole(LogOf(Path()), "what is left of a store");
  ExpectRefused("is missing, but its write-ahead log is there");
}

TEST_F(StoreFileTest, IsRefusedAtEveryLengthButItsOwn) {
  MakeStore();
  const std::string whole = ReadWhole(Path());
  for (std::size_t length = 0; length < whole.size(); length += 1'777) {
    WriteWhole(Path(), whole.substr(0, length));
    SCOPED_TRACE("truncated to " + std::to_string(length));
    ExpectRefused("damaged");
  }
  WriteWhole(Path(), whole);
  EXPECT_EQ(TryOpen(), "");
}

/// Every page, and in each several places. A flipped bit in a place that means nothing (the free
/// part of a page) may go unnoticed, but then everything must be as it was.
TEST_F(StoreFileTest, NoticesEveryFlippedBitThatMatters) {
  MakeStore();
  const std::string whole = ReadWhole(Path());
  Open();
  const std::string picture = Picture();
  CloseLedger();
  ASSERT_EQ(ReadWhole(Path()).size(), whole.size());
  std::mt19937_64 random(20'261'125);
  constexpr std::size_t kPage = 4096;
  constexpr int kFlips = 24;
  int refused = 0;
  int harmless = 0;
  for (std::size_t page = 0; page < whole.size(); page += kPage) {
    for (int flip = 0; flip < kFlips; ++flip) {
      std::string bytes = whole;
      const std::size_t at = page + random() % kPage;
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << (random() % 8)));
      WriteWhole(Path(), bytes);
      SCOPED_TRACE("flipped a bit of byte " + std::to_string(at));
      const std::string message = TryOpen();
      if (message.empty()) {
        ++harmless;
        EXPECT_EQ(Picture(), picture);
        EXPECT_EQ(Count({Done(1'000'002)})->duplicate, 1U);
        CloseLedger();
      } else {
        ++refused;
        EXPECT_NE(message.find(Path().string()), std::string::npos) << message;
        EXPECT_EQ(ReadWhole(Path()), bytes) << "not a byte is changed";
      }
    }
  }
  std::printf("%d flips refused, %d harmless\n", refused, harmless);
  EXPECT_GT(refused, harmless / 2) << "most of a full page means something";
}

TEST_F(StoreFileTest, IsRefusedWithTheLogOfAnotherStore) {
  MakeStore();
  const std::string ours = ReadWhole(Path());
  // Another store of the same kind, cut off in its life, so that its log is full.
  const auto other = folder_.Path() / "other.db";
  std::string log;
  {
    auto second = options_;
    second.store.path = other;
    second.guard_path.clear();
    auto ledger = SqliteLedger::Open(
        second, {.clock = clock_, .log = log_, .telemetry = telemetry_, .on_fatal = {}});
    ASSERT_TRUE(ledger);
    ASSERT_TRUE((*ledger)->Register({.name = "emea"}));
    log = ReadWhole(LogOf(other));
  }
  std::filesystem::remove(other);
  ASSERT_GT(log.size(), 4096U);
  WriteWhole(LogOf(Path()), log);
  ExpectRefused("damaged");
  std::filesystem::remove(LogOf(Path()));
  EXPECT_EQ(TryOpen(), "");
}

TEST_F(StoreFileTest, GoesOnFromALogThatWasCutOff) {
  Open();
  CompleteBaseline();
  ASSERT_TRUE(Count({Done(1), Done(2)}));
  const auto files = Files();  // As a crash would leave them.
  CloseLedger();
  for (const auto& [name, bytes] : files) {
    WriteWhole(folder_.Path() / name, bytes);
  }
  WriteWhole(LogOf(Path()), ReadWhole(LogOf(Path())) + std::string(1000, 'x'));
  Open();
  EXPECT_EQ(Shown()->books.counted, 2U);
}

TEST_F(StoreFileTest, GoesOnAfterACheckpointThatWasCutOffInTheMiddleOfItsId) {
  Open();
  CompleteBaseline();
  ASSERT_TRUE(Count({Done(1), Done(2)}));
  const auto files = Files();  // As a crash would leave them; all pages are in the log.
  const std::string id = ledger_->Snapshot()->store.id;
  CloseLedger();
  for (const auto& [name, bytes] : files) {
    WriteWhole(folder_.Path() / name, bytes);
  }
  std::string main_file = ReadWhole(Path());
  const std::size_t at = main_file.find(id);
  ASSERT_NE(at, std::string::npos);
  main_file[at] = main_file[at] == '0' ? '1' : '0';
  WriteWhole(Path(), main_file);
  Open();
  EXPECT_EQ(Shown()->books.counted, 2U);
  EXPECT_EQ(ledger_->Snapshot()->store.id, id);
}

TEST_F(StoreFileTest, IsRefusedWhenItsLogIsGoneAndHadBeenShown) {
  Open();
  CompleteBaseline();
  ASSERT_TRUE(Count({Done(1), Done(2)}));
  ledger_->NoteServed(ledger_->Snapshot()->generation, clock_.Monotonic());
  ledger_->Tend(clock_.Monotonic());
  const std::string bytes = ReadWhole(Path());
  CloseLedger();
  WriteWhole(Path(), bytes);
  ExpectRefused("its write-ahead log is gone");
}

const std::vector<Migration> kSteps = {
    {.from = kSchemaVersion, .sql = "CREATE TABLE note AS SELECT name FROM account"},
    {.from = kSchemaVersion + 1, .sql = "CREATE TABLE more (a INTEGER NOT NULL) STRICT"}};

TEST_F(StoreFileTest, IsBroughtUpToDateAfterABackup) {
  MakeStore();
  options_.store.migrations = kSteps;
  options_.store.version = kSchemaVersion + 2;
  Open();
  EXPECT_EQ(Shown()->books.counted, 2000U);
  CloseLedger();
  Database migrated(Path(), {});
  EXPECT_EQ(migrated.Integer("PRAGMA user_version"), kSchemaVersion + 2);
  EXPECT_EQ(migrated.Integer("SELECT COUNT(*) FROM note"), 1);
  EXPECT_EQ(migrated.Integer("SELECT COUNT(*) FROM more"), 0);
  Database backup(BackupPath(Path(), kSchemaVersion), {});
  EXPECT_EQ(backup.Integer("PRAGMA user_version"), kSchemaVersion);
  EXPECT_EQ(backup.Integer("SELECT COUNT(*) FROM seen"), 2000);
}

TEST_F(StoreFileTest, StaysAsItIsWhenItCannotBeBroughtUpToDate) {
  MakeStore();
  const std::vector<Migration> broken = {kSteps[0],
                                         {.from = kSchemaVersion + 1, .sql = "CREATE NONSENSE"}};
  options_.store.migrations = broken;
  options_.store.version = kSchemaVersion + 2;
  EXPECT_NE(TryOpen(), "");
  options_.store = {.path = Path()};
  EXPECT_EQ(TryOpen(), "") << "still the version of before";
  EXPECT_EQ(Shown()->books.counted, 2000U);
}

TEST_F(StoreFileTest, OfTheFirstVersionGoesOn) {
  MakeStore();
  {
    Database old(Path(), {});
    old.Execute("ALTER TABLE account DROP COLUMN passed_over");
    old.Execute("PRAGMA user_version = 1");
  }
  Open();
  EXPECT_EQ(Shown()->books.counted, 2000U);
  progress_.passed_over = {kNow, kNow + std::chrono::nanoseconds(1)};
  ASSERT_TRUE(ledger_->Advance("emea", {.progress = progress_}));
  CloseLedger();
  Open();
  EXPECT_EQ(progress_.passed_over,
            (std::vector<TimePoint>{kNow, kNow + std::chrono::nanoseconds(1)}));
}

TEST(NetworkFileSystem, IsKnownByItsNumber) {
  EXPECT_EQ(NetworkFileSystem(0x6969), "NFS");
  EXPECT_EQ(NetworkFileSystem(0xFE534D42), "SMB2");
  EXPECT_EQ(NetworkFileSystem(0xEF53), "") << "ext4";
  EXPECT_EQ(NetworkFileSystem(0x01021994), "") << "tmpfs";
}

TEST(GuardFile, HasANameOfItsOwnForEachStore) {
  const auto a = GuardFile::PathFor("/var/lib/a/ledger.db", "/var/cache");
  const auto b = GuardFile::PathFor("/var/lib/b/ledger.db", "/var/cache");
  EXPECT_NE(a, b);
  EXPECT_EQ(a, GuardFile::PathFor("/var/lib/../lib/a/ledger.db", "/var/cache"));
  EXPECT_EQ(a.parent_path(), "/var/cache");
}

/// No job joins another.
constexpr auto kAlone = [](const std::string&) { return false; };

TEST(FairQueue, ServesAccountsInTurn) {
  FairQueue<std::string> queue;
  for (const char* const job : {"a1", "a2", "a3"}) {
    queue.Push(0, job);
  }
  queue.Push(1, "b1");
  queue.Push(2, "c1");
  EXPECT_EQ(queue.Pop(2, kAlone), (std::vector<std::string>{"b1", "c1"}))
      << "0 was served last, at first";
  EXPECT_EQ(queue.Pop(2, kAlone), std::vector<std::string>{"a1"})
      << "one job of an account at a time";
  queue.Push(1, "b2");
  EXPECT_EQ(queue.Pop(1, kAlone), std::vector<std::string>{"b2"}) << "the greedy one waits";
  queue.Close();
  EXPECT_FALSE(queue.Push(0, "late"));
  EXPECT_EQ(queue.Pop(9, kAlone), std::vector<std::string>{"a2"});
  EXPECT_EQ(queue.Pop(9, kAlone), std::vector<std::string>{"a3"});
  EXPECT_TRUE(queue.Pop(9, kAlone).empty());
}

TEST(FairQueue, TakesWhatJoinsTogether) {
  FairQueue<std::string> queue;
  for (const char* const job : {"page 1", "page 2", "other", "page 3"}) {
    queue.Push(1, job);
  }
  queue.Push(2, "page 4");
  const auto pages = [](const std::string& job) { return job.starts_with("page"); };
  EXPECT_EQ(queue.Pop(9, pages), (std::vector<std::string>{"page 1", "page 2", "page 4"}));
  EXPECT_EQ(queue.Pop(9, pages), std::vector<std::string>{"other"});
  for (const char* const job : {"page 5", "page 6"}) {
    queue.Push(1, job);
  }
  EXPECT_EQ(queue.Pop(2, pages), (std::vector<std::string>{"page 3", "page 5"})) << "two at most";
}

}  // namespace
}  // namespace acronis::ledger::sqlite
