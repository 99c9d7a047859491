#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plugin/simulator/field_table.h"

namespace acronis::simulator {

/// How much of each task a reply holds.
enum class Lod : std::uint8_t { kTiny, kShort, kLong, kFull, kDebug, kCount };

enum class Operator : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kStartsWith,
  kEndsWith,
  kContains,
};

/// One comparison with a literal: `number` for numeric fields, else `text`.
struct Test {
  Operator op = Operator::kEqual;
  std::int64_t number = 0;
  std::string text{};
};

enum class NullTest : std::uint8_t { kNone, kIsNull, kNotNull };

/// Everything that was said about one field.
struct Condition {
  const FieldInfo* field = nullptr;
  std::vector<Test> any_of{};   ///< Positive conditions; empty: no matter.
  std::vector<Test> none_of{};  ///< The values of `ne`.
  std::vector<Test> all_of{};   ///< Comparisons.
  NullTest null_test = NullTest::kNone;
};

struct OrderKey {
  const FieldInfo* field = nullptr;
  bool descending = false;
};

/// A listing request, checked.
struct ListQuery {
  std::vector<Condition> conditions{};
  std::vector<OrderKey> order{};
  Lod lod = Lod::kLong;
  std::int64_t limit = 0;
};

}  // namespace acronis::simulator
