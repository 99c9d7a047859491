#include "exporter/exposition/kept_tasks.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/core/options.h"
#include "tests/exporter/exposition/gunzip.h"
#include "tests/fakes/fake_collector.h"
#include "tests/fakes/sample_snapshot.h"

namespace acronis::exporter {
namespace {

/// Queues that fill a block of their own.
constexpr std::size_t kManyQueues = 120;

std::shared_ptr<const QueueCounts> QueueWith(std::uint64_t completed) {
  auto queue = std::make_shared<QueueCounts>(*fakes::BusyQueue());
  queue->completed[0] = completed;
  return queue;
}

AccountView Account(const std::string& name, std::size_t queues) {
  auto counts = std::make_shared<AccountCounts>();
  counts->account = name;
  for (std::size_t i = 0; i < queues; ++i) {
    counts->queues["queue " + std::to_string(i)] = QueueWith(i);
  }
  return {.counts = counts};
}

/// The same with one more task in one queue, or with that queue.
void CountOne(AccountView& view, const std::string& queue) {
  auto counts = std::make_shared<AccountCounts>(*view.counts);
  auto& shared = counts->queues[queue];
  shared = QueueWith(shared ? shared->completed[0] + 1 : 1);
  view.counts = counts;
}

std::string Text(const TaskPart& part) {
  std::string text;
  for (const PlainTasks::Family& family : part.plain->families) {
    for (const ScrapeBody::Piece& piece : family.pieces) {
      text += piece.text;
    }
  }
  return text;
}

std::string UnpackedText(const TaskPart& part) {
  GzipMember member;
  member.Add(part.packed->sum);
  std::string bytes = GzipMember::Header();
  for (const ScrapeBody::Piece& piece : part.packed->pieces) {
    bytes += piece.text;
  }
  return Gunzip(bytes + member.Trailer());
}

using Places = std::set<const void*>;

/// Who owns the text, plain or packed.
Places Owners(const TaskPart& part) {
  Places owners;
  if (part.packed) {
    for (const ScrapeBody::Piece& piece : part.packed->pieces) {
      owners.insert(piece.owner.get());
    }
    return owners;
  }
  for (const PlainTasks::Family& family : part.plain->families) {
    for (const ScrapeBody::Piece& piece : family.pieces) {
      owners.insert(piece.owner.get());
    }
  }
  return owners;
}

std::size_t Shared(const Places& a, const Places& b) {
  return static_cast<std::size_t>(
      std::ranges::count_if(a, [&b](const void* place) { return b.contains(place); }));
}

class KeptTasksTest : public ::testing::Test {
 protected:
  /// What a page shows that has never shown anything else.
  std::string Fresh(PageFormat format) const {
    return Text(KeptTasks(collector_, table_, true).Get(format, PageEncoding::kIdentity));
  }
  void Show(std::vector<AccountView> accounts) {
    collector_.Show({.generation = ++generation_, .accounts = std::move(accounts)});
  }

  fakes::FakeCollector collector_;
  metrics::TaskTable table_{MetricsOptions{}};
  KeptTasks kept_{collector_, table_, true};
  std::uint64_t generation_ = 0;
};

TEST_F(KeptTasksTest, RenderOnlyTheAccountsThatDiffer) {
  std::vector<AccountView> accounts;
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    accounts.push_back(Account(name, kManyQueues));
  }
  Show(accounts);
  const TaskPart plain = kept_.Get(PageFormat::kText, PageEncoding::kIdentity);
  EXPECT_EQ(Owners(plain).size(), accounts.size());
  const TaskPart packed = kept_.Get(PageFormat::kText, PageEncoding::kGzip);
  CountOne(accounts[2], "queue 7");
  Show(accounts);

  const TaskPart next = kept_.Get(PageFormat::kText, PageEncoding::kIdentity);
  EXPECT_EQ(Shared(Owners(plain), Owners(next)), accounts.size() - 1);
  EXPECT_EQ(Text(next), Fresh(PageFormat::kText));
  const TaskPart next_packed = kept_.Get(PageFormat::kText, PageEncoding::kGzip);
  EXPECT_EQ(Shared(Owners(packed), Owners(next_packed)), accounts.size() - 1);
  EXPECT_EQ(UnpackedText(next_packed), Fresh(PageFormat::kText));
}

TEST_F(KeptTasksTest, RenderSmallAccountsTogether) {
  std::vector<AccountView> accounts;
  for (int i = 0; i < 300; ++i) {
    accounts.push_back(Account("account " + std::to_string(i), 2));
  }
  Show(accounts);
  const TaskPart part = kept_.Get(PageFormat::kText, PageEncoding::kIdentity);
  EXPECT_EQ(Owners(part).size(), 6U);
  EXPECT_EQ(part.series->size() % accounts.size(), 0U);
}

TEST_F(KeptTasksTest, KeepNoFormThatNobodyAskedForSinceTheStateBefore) {
  std::vector<AccountView> accounts{Account("a", kManyQueues), Account("b", 1)};
  Show(accounts);
  const std::weak_ptr<const void> plain =
      kept_.Get(PageFormat::kText, PageEncoding::kIdentity).plain->families[0].pieces[0].owner;
  for (int state = 0; state < 2; ++state) {
    EXPECT_FALSE(plain.expired()) << "the first account has not changed yet, state " << state;
    CountOne(accounts[1], "queue 0");
    Show(accounts);
    kept_.Get(PageFormat::kOpenMetrics, PageEncoding::kGzip);
  }
  EXPECT_TRUE(plain.expired());
}

TEST_F(KeptTasksTest, ForgetWhatTheTableWroteBefore) {
  Show({Account("a", 3)});
  const std::string before = Text(kept_.Get(PageFormat::kText, PageEncoding::kIdentity));
  table_.SetSuccessCodes({"error"});
  kept_.Forget();
  const std::string text = Text(kept_.Get(PageFormat::kText, PageEncoding::kIdentity));
  EXPECT_EQ(text, Fresh(PageFormat::kText));
  EXPECT_NE(text, before);
}

/// One change of what there is to be shown.
void Change(std::vector<AccountView>& accounts, std::mt19937_64& random) {
  const std::size_t kinds = 6;
  const std::string name = "account " + std::to_string(random() % 12);
  const auto found = std::ranges::find(
      accounts, name, [](const AccountView& view) { return view.counts->account; });
  if (found == accounts.end()) {
    accounts.push_back(Account(name, random() % (2 * kManyQueues)));
    return;
  }
  switch (random() % kinds) {
    case 0:
      accounts.erase(found);
      break;
    case 1:
      CountOne(*found, "new queue " + std::to_string(random() % 1000));
      break;
    case 2:
      found->in_flight = random() % 2 == 0 ? nullptr
                                           : std::make_shared<const InFlightCounts>(InFlightCounts{
                                                 {"queue " + std::to_string(random() % 9), {}}});
      break;
    case 3:
      std::ranges::shuffle(accounts, random);
      break;
    default:
      CountOne(*found, "queue " + std::to_string(random() % kManyQueues));
  }
}

TEST_F(KeptTasksTest, ShowAfterAnyChangesWhatAFreshPageShows) {
  const std::uint64_t seed = std::random_device{}();
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 random(seed);
  std::vector<AccountView> accounts;
  for (int round = 0; round < 150; ++round) {
    for (std::uint64_t changes = random() % 4; changes-- > 0;) {
      Change(accounts, random);
    }
    Show(accounts);
    const auto format = static_cast<PageFormat>(random() % kPageFormatCount);
    const std::string fresh = Fresh(format);
    if (random() % 2 == 0) {
      ASSERT_EQ(Text(kept_.Get(format, PageEncoding::kIdentity)), fresh);
    }
    if (random() % 2 == 0) {
      ASSERT_EQ(UnpackedText(kept_.Get(format, PageEncoding::kGzip)), fresh);
    }
  }
}

}  // namespace
}  // namespace acronis::exporter
