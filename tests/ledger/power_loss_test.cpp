/// The power goes at any moment of a store's life, on a disk that loses, tears and re-orders what
/// was not synced. What was shown must be there afterwards.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/ledger/faulty_disk.h"
#include "tests/ledger/ledger_fixture.h"

namespace acronis::ledger::sqlite {
namespace {

constexpr int kPages = 14;
constexpr int kTasksAPage = 6;

/// A short life in which the log is moved into the store several times and ids are forgotten.
class PowerLossTest : public LedgerFixture {
 protected:
  PowerLossTest() {
    options_.store.longest_log = 12;
    options_.rules.series_hold = {};
  }

  struct Life {
    bool opened = false;
    std::uint64_t shown = 0;  ///< Tasks in the last picture that a scrape could have seen.
    std::uint64_t forgotten = 0;
  };

  /// Lives until the disk dies or all is counted.
  Life Live() {
    Life life;
    progress_ = {};
    life.opened = TryOpen().empty();
    for (int page = 0; life.opened && page < kPages; ++page) {
      CompleteBaseline();
      progress_.horizon = kNow - std::chrono::hours(2) + std::chrono::minutes(page);
      std::vector<Task> tasks;
      for (int task = 0; task < kTasksAPage; ++task) {
        const int id = page * kTasksAPage + task;
        tasks.push_back(Done(id, kNow - std::chrono::hours(2) + std::chrono::minutes(page + task),
                             task == 0 ? "error" : "ok", "queue" + std::to_string(id % 5)));
      }
      if (!Count(tasks)) {
        break;
      }
      life.shown = Shown()->books.counted;
    }
    CloseLedger();
    return life;
  }

  /// Starts again on what the disk has. Empty when all is as it should be.
  std::string Compare(const Life& life) {
    const std::string vfs = std::exchange(options_.store.vfs, "");
    std::string trouble = TryOpen();
    options_.store.vfs = vfs;
    if (!trouble.empty()) {
      return "refused: " + trouble;
    }
    const Books books = Shown()->books;
    std::uint64_t completed = 0;
    for (const auto& [name, queue] : Shown()->queues) {
      for (const std::uint64_t tasks : queue->completed) {
        completed += tasks;
      }
    }
    CloseLedger();
    if (books.counted < life.shown) {
      return "shown " + std::to_string(life.shown) + ", left " + std::to_string(books.counted);
    }
    if (books.counted > life.shown + kTasksAPage || books.counted % kTasksAPage != 0) {
      return "half a page: " + std::to_string(books.counted);
    }
    return completed == books.counted ? "" : "the counters do not add up";
  }

  /// Cuts the power after every change of the disk, and looks at what `seeds` fates leave.
  /// Returns the number of cuts after which something was wrong.
  int CutEverywhere(int seeds, std::uint64_t base) {
    const int changes = [&] {
      const test::FaultyDisk disk;
      options_.store.vfs = disk.Name();
      Live();
      return disk.Changes();
    }();
    EXPECT_GT(changes, 100);
    int wrong = 0;
    int cuts = 0;
    for (int at = 0; at <= changes; ++at) {
      for (int seed = 0; seed < seeds; ++seed, ++cuts) {
        const std::uint64_t fate = base + static_cast<std::uint64_t>(at * seeds + seed);
        const std::string trouble = CutOnce(at, fate);
        wrong += trouble.empty() ? 0 : 1;
        if (!trouble.empty() && first_trouble_.empty()) {
          first_trouble_ = "cut after change " + std::to_string(at) + ", fate " +
                           std::to_string(fate) + ": " + trouble;
        }
      }
    }
    std::printf("%d cuts at %d places, %d wrong\n", cuts, changes + 1, wrong);
    return wrong;
  }

  std::string CutOnce(int at, std::uint64_t fate) {
    for (const auto& left : std::filesystem::directory_iterator(folder_.Path())) {
      std::filesystem::remove_all(left);
    }
    test::FaultyDisk disk;
    options_.store.vfs = disk.Name();
    disk.StopAfter(at);
    const Life life = Live();
    disk.CutPower(fate);
    return Compare(life);
  }

  static std::uint64_t Seed() {
    const char* const given = std::getenv("TEST_SEED");
    const std::uint64_t seed =
        given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::printf("TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
    return seed;
  }

  std::string first_trouble_;
};

TEST_F(PowerLossTest, LosesNothingThatWasShown) {
  EXPECT_EQ(CutEverywhere(6, Seed()), 0) << first_trouble_;
}

/// The same with less waiting for the disk must fail: it shows that the test above can.
TEST_F(PowerLossTest, WouldLoseSomethingWithoutWaitingForTheDisk) {
  options_.store.synchronous = "NORMAL";
  EXPECT_GT(CutEverywhere(2, Seed()), 0);
}

}  // namespace
}  // namespace acronis::ledger::sqlite
