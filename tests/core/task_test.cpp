#include "plugin/core/task.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "plugin/core/result.h"

namespace acronis {
namespace {

TEST(ResultCode, IsReadBackFromItsLabel) {
  for (const ResultCode code : kResultCodes) {
    EXPECT_EQ(ParseResultCode(ToLabel(code)), code) << ToLabel(code);
  }
}

TEST(ResultCode, IsUnknownForEverythingElse) {
  for (const char* const text : {"", "OK", "canceled", "timed_out", "skipped"}) {
    EXPECT_EQ(ParseResultCode(text), ResultCode::kUnknown) << text;
  }
}

TEST(ErrorKind, HasADistinctLabelForEveryReasonOfAFailedPoll) {
  std::set<std::string_view> labels;
  for (const ErrorKind kind : kPollFailureKinds) {
    EXPECT_TRUE(labels.insert(ToLabel(kind)).second) << ToLabel(kind);
  }
  EXPECT_EQ(labels.size(), 12U);
}

TEST(Result, HoldsAValueOrAnError) {
  const Result<int> good = 7;
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, 7);
  const Result<int> bad = Error{ErrorKind::kTimeout, "too slow"};
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().kind, ErrorKind::kTimeout);
}

}  // namespace
}  // namespace acronis
