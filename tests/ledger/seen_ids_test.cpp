#include "plugin/ledger/seen_ids.h"

#include <chrono>

#include <gtest/gtest.h>

namespace acronis::ledger {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr TimePoint kNoon{hours(450'000)};

SeenTask At(TimePoint completed) {
  return {.completed_at = completed, .newest_completion = completed, .result = ResultCode::kOk};
}

TEST(SeenIds, FindsWhatWasPut) {
  SeenIds ids;
  EXPECT_EQ(ids.Find(1), nullptr);
  ids.Put(1, At(kNoon));
  ASSERT_NE(ids.Find(1), nullptr);
  EXPECT_EQ(*ids.Find(1), At(kNoon));
}

TEST(SeenIds, ForgetsBelowTheHorizonOnly) {
  SeenIds ids;
  ids.Put(1, At(kNoon - minutes(1)));
  ids.Put(2, At(kNoon));
  ids.ForgetBelow(kNoon);
  EXPECT_EQ(ids.Find(1), nullptr);
  EXPECT_NE(ids.Find(2), nullptr);
  EXPECT_EQ(ids.Size(), 1U);
}

TEST(SeenIds, KeepsAnIdWhoseCompletionMovedOn) {
  SeenIds ids;
  ids.Put(1, At(kNoon - hours(5)));
  ids.Put(1, At(kNoon + hours(5)));
  ids.ForgetBelow(kNoon);
  EXPECT_NE(ids.Find(1), nullptr);
  ids.ForgetBelow(kNoon + hours(6));
  EXPECT_EQ(ids.Size(), 0U);
}

TEST(SeenIds, NeverForgetsWhatLiesAtOrAboveTheHorizon) {
  SeenIds ids;
  for (int i = 0; i < 600; ++i) {
    ids.Put(i, At(kNoon + minutes(i)));
  }
  for (int horizon = 0; horizon <= 600; horizon += 7) {
    ids.ForgetBelow(kNoon + minutes(horizon));
    for (int i = horizon; i < 600; ++i) {
      ASSERT_NE(ids.Find(i), nullptr) << "minute " << i << ", horizon " << horizon;
    }
    ASSERT_LE(ids.Size(), static_cast<std::size_t>(600 - horizon + 60));
  }
}

}  // namespace
}  // namespace acronis::ledger
