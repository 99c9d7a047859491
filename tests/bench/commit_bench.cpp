#include <algorithm>
#include <array>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>
#include <vector>

#include "tests/bench/bare_store.h"
#include "tests/bench/benchmarks.h"
#include "tests/bench/measure.h"
#include "tests/bench/opened_ledger.h"

namespace acronis::bench {
namespace {

/// Appends 4 KiB to a file and waits until they are on the disk.
class AppendAndSync {
 public:
  explicit AppendAndSync(const Path& path)
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): the system's only way.
      : file_(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600)) {}
  AppendAndSync(const AppendAndSync&) = delete;
  AppendAndSync& operator=(const AppendAndSync&) = delete;
  ~AppendAndSync() { close(file_); }

  void Run() {
    const std::array<char, 4096> block{};
    if (write(file_, block.data(), block.size()) != static_cast<ssize_t>(block.size()) ||
        fsync(file_) != 0) {
      throw std::runtime_error("cannot append to a file and sync it");
    }
  }

 private:
  int file_;
};

}  // namespace

void Commits(const Path& folder, const Numbers& numbers) {
  constexpr std::size_t kTurns = 20;
  constexpr std::size_t kCommits = 20;
  constexpr std::size_t kTasks = 100;
  OpenedLedger ledger(folder, 1);
  BareStore bare(folder / "bare.db");
  AppendAndSync append(folder / "append");
  Account account(0, {.queues = 10, .late_share = 0});
  // In short turns, so that who else uses the disk disturbs all of them alike.
  // The first round is not reported: the write-ahead logs grow to their size in it.
  for (std::size_t round = 0; round <= numbers.at(0); ++round) {
    Meter commits;
    Meter appends;
    Meter bare_commits;
    for (std::size_t turn = 0; turn < kTurns; ++turn) {
      std::vector<std::vector<Task>> pages(kCommits);
      std::ranges::generate(pages, [&] { return account.NextPage(kTasks); });
      commits.Measure([&] {
        std::ranges::for_each(pages,
                              [&](const auto& page) { account.Commit(ledger, page, kTasks); });
      });
      appends.Measure(
          [&] { std::ranges::for_each(pages, [&](const auto& /*page*/) { append.Run(); }); });
      bare_commits.Measure(
          [&] { std::ranges::for_each(pages, [&](const auto& page) { bare.Commit(page); }); });
    }
    if (round == 0) {
      continue;
    }
    constexpr double kAll = kTurns * kCommits;
    Report("commits_per_s", kAll / commits.WallSeconds());
    Report("appends_per_s", kAll / appends.WallSeconds());
    Report("bare_commits_per_s", kAll / bare_commits.WallSeconds());
    Report("commits_to_appends", appends.WallSeconds() / commits.WallSeconds());
  }
}

}  // namespace acronis::bench
