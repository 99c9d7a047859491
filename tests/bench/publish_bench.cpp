#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plugin/ledger/account_book.h"
#include "tests/bench/benchmarks.h"
#include "tests/bench/measure.h"
#include "tests/bench/opened_ledger.h"

namespace acronis::bench {
namespace {

/// One task in each of `queues` queues, `first` and the following ones of `all`.
std::vector<Task> OneInEach(Account& account, std::size_t first, std::size_t queues,
                            std::size_t all) {
  auto page = account.NextPage(queues);
  for (std::size_t n = 0; n < queues; ++n) {
    page[n].queue = "queue-" + std::to_string((first + n) % all);
  }
  return page;
}

/// A ledger of some size in which every queue of every account has counted already.
class BusyLedger {
 public:
  BusyLedger(const Path& folder, std::size_t accounts, std::size_t queues)
      : ledger_(folder, accounts), queues_(queues) {
    for (std::size_t number = 0; number < accounts; ++number) {
      accounts_.emplace_back(number, TaskStreamOptions{.seed = number + 1});
      accounts_[number].Commit(ledger_, OneInEach(accounts_[number], 0, queues, queues), queues);
    }
  }

  /// Counts one task in each of `changed` queues of one account. Returns microseconds of CPU.
  double Commit(std::size_t turn, std::size_t changed) {
    Account& account = accounts_[turn % accounts_.size()];
    const auto page = OneInEach(account, turn * changed, changed, queues_);
    Meter meter;
    meter.Measure([&] { account.Commit(ledger_, page, changed); });
    return meter.CpuMicroseconds();
  }

 private:
  OpenedLedger ledger_;
  std::size_t queues_;
  std::vector<Account> accounts_;
};

/// The last step of a commit alone: applying a change to the book of an account with 200 queues,
/// and making the picture of 12 accounts that shows it.
class Publisher {
 public:
  Publisher(std::size_t accounts, std::size_t queues) : queues_(queues) {
    shown_->accounts.resize(accounts, std::make_shared<AccountCounts>());
    Publish(0, queues);
  }

  /// Returns microseconds of CPU.
  double Publish(std::size_t turn, std::size_t changed) {
    const auto page = OneInEach(account_, turn * changed, changed, queues_);
    const auto change = book_.Count({.tasks = page,
                                     .server_time = account_.Now(),
                                     .progress = ledger::Progress{.baseline_complete = true}});
    Meter meter;
    meter.Measure([&] {
      auto next = std::make_shared<LedgerSnapshot>(*shown_);
      book_.Apply(change, turn);
      next->accounts[0] = book_.Shown();
      shown_ = std::move(next);
    });
    return meter.CpuMicroseconds();
  }

 private:
  std::size_t queues_;
  Account account_{0, {}};
  ledger::AccountBook book_{"account-0", Rules()};
  std::shared_ptr<LedgerSnapshot> shown_ = std::make_shared<LedgerSnapshot>();
};

}  // namespace

void Publish(const Path& folder, const Numbers& numbers) {
  constexpr std::size_t kCommits = 200;
  constexpr std::size_t kAllAccounts = 12;
  constexpr std::size_t kQueues = 200;
  constexpr std::size_t kChanged = 50;
  BusyLedger large(folder / "large", kAllAccounts, kQueues);
  BusyLedger small(folder / "small", 1, kChanged);
  Publisher publisher(kAllAccounts, kQueues);
  std::size_t turn = 0;
  for (std::size_t round = 0; round < numbers.at(0); ++round) {
    double in_large = 0;
    double in_small = 0;
    double published = 0;
    for (std::size_t n = 0; n < kCommits; ++n, ++turn) {
      in_large += large.Commit(turn, kChanged);
      in_small += small.Commit(turn, kChanged);
      published += publisher.Publish(turn, kChanged);
    }
    Report("large_us", in_large / kCommits);
    Report("small_us", in_small / kCommits);
    Report("published_us", published / kCommits);
  }
}

}  // namespace acronis::bench
