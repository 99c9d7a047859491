#include "plugin/poll/slice_queue.h"

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace acronis::poll {
namespace {

using std::chrono::hours;

constexpr TimePoint kNow{hours(450'000)};

Window Hours(int from, int to) {
  return {.from = kNow + hours(from), .to = kNow + hours(to)};
}

TEST(SliceQueueTest, HandsSlicesOutFromTheEarliestOn) {
  SliceQueue queue({Hours(0, 1), Hours(1, 2)});
  EXPECT_EQ(queue.FirstUnread(), kNow);
  const auto first = queue.Take();
  const auto second = queue.Take();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->window, Hours(0, 1));
  EXPECT_EQ(second->window, Hours(1, 2));
  EXPECT_EQ(queue.FirstUnreadWithout(*first), kNow + hours(1));
  queue.Finish(*second);
  EXPECT_EQ(queue.FirstUnread(), kNow) << "the first is not read yet";
  queue.Finish(*first);
  EXPECT_EQ(queue.FirstUnread(), std::nullopt);
  EXPECT_FALSE(queue.Take());
}

TEST(SliceQueueTest, KeepsWhatFailedBehindWhatWasRead) {
  SliceQueue queue({Hours(0, 4), Hours(4, 6)});
  const auto first = queue.Take();
  queue.Fail(*first, {Hours(1, 2), Hours(2, 4)});
  EXPECT_EQ(queue.FirstUnread(), kNow + hours(1));
  const auto second = queue.Take();
  EXPECT_EQ(second->window, Hours(4, 6)) << "what failed is not handed out again";
  queue.PutBack(*second, {Hours(5, 6)});
  queue.Halt();
  EXPECT_FALSE(queue.Take());
  EXPECT_EQ(queue.Rest(), std::vector{Hours(5, 6)});
  EXPECT_EQ(queue.Failed(), (std::vector{Hours(1, 2), Hours(2, 4)}));
  EXPECT_EQ(queue.Left(), hours(4));
}

TEST(SliceQueueTest, HandsOutWhatFailedBeforeAtLast) {
  SliceQueue queue({Hours(2, 3)}, {Hours(0, 1), Hours(1, 2)});
  EXPECT_EQ(queue.FirstUnread(), kNow);
  EXPECT_EQ(queue.Left(), hours(3));
  EXPECT_EQ(queue.Take()->window, Hours(2, 3));
  EXPECT_EQ(queue.Take()->window, Hours(0, 1));
  EXPECT_EQ(queue.Failed(), std::vector{Hours(1, 2)});
}

TEST(SliceQueueTest, CutsASliceForOthers) {
  SliceQueue queue({Hours(0, 8)});
  auto taken = queue.Take();
  queue.NoteReached(*taken, kNow + hours(1));
  EXPECT_EQ(queue.Left(), hours(7));
  queue.Cut(*taken, {Hours(2, 4), Hours(4, 8)});
  EXPECT_EQ(taken->window, Hours(0, 2));
  EXPECT_EQ(queue.Left(), hours(7));
  EXPECT_EQ(queue.Take()->window, Hours(2, 4));
}

TEST(SliceQueueTest, LetsOthersWaitWhileASliceMayStillBeCut) {
  SliceQueue queue({Hours(0, 8)});
  auto taken = queue.Take();
  std::optional<SliceQueue::Taken> got;
  std::jthread other([&] { got = queue.Take(); });
  while (!queue.SomebodyWaits()) {
    std::this_thread::yield();
  }
  queue.Cut(*taken, {Hours(4, 8)});
  other.join();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->window, Hours(4, 8));
  std::jthread third([&] { got = queue.Take(); });
  queue.Finish(*taken);
  queue.Finish({.ticket = 2, .window = Hours(4, 8)});
  third.join();
  EXPECT_FALSE(got) << "nothing is left that could be cut";
}

}  // namespace
}  // namespace acronis::poll
