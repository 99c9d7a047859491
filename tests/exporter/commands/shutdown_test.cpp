#include "exporter/commands/shutdown.h"

#include <chrono>
#include <future>
#include <memory>

#include <gtest/gtest.h>

namespace acronis::exporter {
namespace {

TEST(StopWithin, WaitsForAStopThatEnds) {
  bool stopped = false;
  EXPECT_TRUE(StopWithin(std::chrono::minutes(1), [&stopped] { stopped = true; }));
  EXPECT_TRUE(stopped);
}

TEST(StopWithin, LeavesBehindWhatHangs) {
  const auto release = std::make_shared<std::promise<void>>();
  const auto done = std::make_shared<std::promise<void>>();
  auto ended = done->get_future();
  EXPECT_FALSE(StopWithin(std::chrono::milliseconds(10), [release, done] {
    release->get_future().wait();
    done->set_value();
  }));
  release->set_value();
  EXPECT_EQ(ended.wait_for(std::chrono::minutes(1)), std::future_status::ready);
}

}  // namespace
}  // namespace acronis::exporter
