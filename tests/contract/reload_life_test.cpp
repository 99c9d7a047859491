/// Random lives of a collector: reloads with any accounts and options between polls, restarts and
/// scrapes. Whatever happens on the way, each account counts every task once.
///
/// TEST_SEED=N repeats the lives from that number on.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/contract/collector_fixture.h"
#include "tests/property/dice.h"

namespace acronis {
namespace {

using property::Dice;
using std::chrono::milliseconds;

class ReloadLife : public CollectorFixture, public ::testing::WithParamInterface<int> {
 protected:
  void Live(Dice& dice) {
    options_.metrics.series_hold = {};
    Choose(dice);
    Open();
    for (int step = 0; step < kSteps && !HasFatalFailure(); ++step) {
      Step(dice);
      Look();
    }
    if (!HasFatalFailure()) {
      Settle();
    }
  }

 private:
  void Step(Dice& dice) {
    switch (dice.Number(0, 5)) {
      case 0:
        collector_.reset();
        Open();
        break;
      case 1:
      case 2:
        Choose(dice);
        Reload();
        break;
      case 3:
        collector_->NoteServed(*collector_->TakeSnapshot());
        break;
      case 4:
        AddTasks(dice);
        break;
      default:
        ASSERT_TRUE(collector_->PollOnce());
        ExpectAllCounted();
    }
  }

  void AddTasks(Dice& dice) {
    for (std::int64_t left = dice.Number(1, 20); left > 0; --left) {
      Add(dice.OneOf(queues_), dice.OneOf(codes_));
      ++tasks_;
    }
  }

  /// Any accounts, with any options.
  void Choose(Dice& dice) {
    std::vector<AccountOptions> all;
    for (int number = 0; number < kAccounts; ++number) {
      AccountOptions account = NewAccount("account" + std::to_string(number));
      account.poll.page_size = dice.Chance(50) ? 500 : static_cast<int>(dice.Number(1, 30));
      account.poll.interval = milliseconds(dice.Number(10, 12));
      all.push_back(std::move(account));
    }
    std::shuffle(all.begin(), all.end(), dice.Source());
    all.resize(static_cast<std::size_t>(dice.Number(1, kAccounts)));
    options_.accounts = std::move(all);
  }

  void Reload() {
    const auto before = collector_->TakeSnapshot()->generation;
    const Status reloaded = collector_->Reload(options_);
    ASSERT_TRUE(reloaded) << reloaded.error().message;
    ASSERT_GT(collector_->TakeSnapshot()->generation, before);
  }

  /// Every picture: the accounts that were asked for, nothing twice, nothing taken back.
  void Look() {
    const auto snapshot = collector_->TakeSnapshot();
    ASSERT_EQ(snapshot->accounts.size(), options_.accounts.size());
    for (std::size_t place = 0; place < options_.accounts.size(); ++place) {
      const AccountCounts& counts = *snapshot->accounts[place].counts;
      const Books& books = counts.books;
      ASSERT_EQ(counts.account, options_.accounts[place].name);
      ASSERT_EQ(books.received,
                books.counted + books.duplicate + books.discarded_late + books.invalid);
      ASSERT_LE(books.counted, tasks_);
      Books& before = before_[counts.account];
      ASSERT_GE(books.received, before.received) << counts.account;
      ASSERT_GE(books.counted, before.counted) << counts.account;
      before = books;
    }
  }

  void ExpectAllCounted() {
    const auto truth = simulator_.ShownCounts("client");
    const auto snapshot = collector_->TakeSnapshot();
    for (const AccountView& view : snapshot->accounts) {
      ASSERT_TRUE(view.up);
      ASSERT_EQ(view.counts->books.counted, tasks_) << view.counts->account;
      for (const auto& [series, tasks] : truth) {
        const auto code = static_cast<std::size_t>(ParseResultCode(series.second));
        ASSERT_EQ(view.counts->queues.at(series.first)->completed[code], tasks)
            << view.counts->account << " " << series.first;
      }
    }
  }

  /// Everybody is polled at last.
  void Settle() {
    options_.accounts.clear();
    for (int number = 0; number < kAccounts; ++number) {
      options_.accounts.push_back(NewAccount("account" + std::to_string(number)));
    }
    Reload();
    ASSERT_TRUE(collector_->PollOnce());
    Look();
    ExpectAllCounted();
  }

  static constexpr int kSteps = 40;
  static constexpr int kAccounts = 4;
  std::vector<std::string> queues_{"backup", "replication", "av"};
  std::vector<std::string> codes_{"ok", "warning", "error"};
  std::uint64_t tasks_ = 0;
  std::map<std::string, Books> before_;
};

TEST_P(ReloadLife, LosesNothingAndCountsNothingTwice) {
  const std::uint64_t seed = property::BaseSeed() + static_cast<std::uint64_t>(GetParam());
  SCOPED_TRACE("TEST_SEED=" + std::to_string(seed) + " repeats this life as the first");
  Dice dice(seed);
  Live(dice);
}

INSTANTIATE_TEST_SUITE_P(Lives, ReloadLife, ::testing::Range(0, 8));

}  // namespace
}  // namespace acronis
