#include "plugin/ledger/seen_ids.h"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <map>
#include <random>

#include <gtest/gtest.h>

namespace acronis::ledger {
namespace {

using std::chrono::hours;
using std::chrono::nanoseconds;
using std::chrono::seconds;

SeenTask At(Second second, ResultCode result = ResultCode::kOk) {
  return {.newest = second, .shown = second, .result = result};
}

TEST(SecondOf, RoundsDownAndStaysInItsRange) {
  EXPECT_EQ(SecondOf(TimePoint(seconds(7)) - nanoseconds(1)), 6U);
  EXPECT_EQ(SecondOf(TimePoint(seconds(7))), 7U);
  EXPECT_EQ(SecondOf(TimePoint(-hours(1))), 0U);
  EXPECT_EQ(SecondOf(TimePoint::max()), 0xFFFFFFFFU);
}

TEST(SeenIds, FindsWhatWasPut) {
  SeenIds ids;
  EXPECT_EQ(ids.Find(0), std::nullopt);
  ids.Put(0, At(5, ResultCode::kUnknown));
  EXPECT_EQ(ids.Find(0), At(5, ResultCode::kUnknown));
  EXPECT_EQ(ids.Find(1), std::nullopt);
}

TEST(SeenIds, RemembersACompletionThatMovedBack) {
  SeenIds ids;
  const SeenTask moved{.newest = 9, .shown = 4, .result = ResultCode::kError};
  ids.Put(1, moved);
  EXPECT_EQ(ids.Find(1), moved);
  ids.Put(1, At(9));
  EXPECT_EQ(ids.Find(1), At(9));
}

/// Any order of operations gives what a simple map gives.
TEST(SeenIds, DoesWhatAMapDoes) {
  const auto seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937_64 random(seed);
  const auto below = [&](std::uint64_t limit) { return random() % limit; };
  SeenIds ids;
  std::map<std::int64_t, SeenTask> model;
  for (int step = 0; step < 200'000; ++step) {
    // Few enough ids that they meet again, in runs as the service gives them.
    const auto id = static_cast<std::int64_t>(below(2000) * 1000 + below(3)) - 1'000'000;
    if (below(3) == 0) {
      ids.Erase(id);
      model.erase(id);
    } else {
      const SeenTask task{.newest = static_cast<Second>(below(100)),
                          .shown = static_cast<Second>(below(100)),
                          .result = kResultCodes[below(kResultCodeCount)]};
      ids.Put(id, task);
      model[id] = task;
    }
    ASSERT_EQ(ids.Size(), model.size());
    const auto probe = static_cast<std::int64_t>(below(2000) * 1000 + below(3)) - 1'000'000;
    const auto expected = model.find(probe);
    ASSERT_EQ(ids.Find(probe),
              expected == model.end() ? std::nullopt : std::optional(expected->second));
  }
  for (const auto& [id, task] : model) {
    ASSERT_EQ(ids.Find(id), task);
  }
}

/// Each table has places of its own for the ids, so that many ways to grow are met.
TEST(SeenIds, LosesNothingWhenItGrows) {
  for (int table = 0; table < 300; ++table) {
    SeenIds ids;
    for (std::int64_t id = 1; id <= 900; ++id) {
      ids.Put(id << 22U, At(static_cast<Second>(id)));
    }
    ASSERT_EQ(ids.Size(), 900U);
    for (std::int64_t id = 1; id <= 900; ++id) {
      ASSERT_EQ(ids.Find(id << 22U), At(static_cast<Second>(id)));
      ASSERT_EQ(ids.Find((id << 22U) + 1), std::nullopt);
    }
  }
}

TEST(SeenIds, TakesAtMostThirtyBytesAnIdBeyondTheFirst) {
  SeenIds ids;
  for (std::int64_t id = 1; id <= 100'000; ++id) {
    ids.Put(id, At(1));
    if (id > 100) {
      ASSERT_LE(ids.MemoryBytes(), static_cast<std::size_t>(id) * 30) << id;
    }
  }
}

}  // namespace
}  // namespace acronis::ledger
