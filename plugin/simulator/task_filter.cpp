#include "plugin/simulator/task_filter.h"

#include <algorithm>

namespace acronis::simulator {

namespace {

template <typename T>
bool Compare(Operator op, const T& value, const T& bound) {
  switch (op) {
    case Operator::kEqual:
      return value == bound;
    case Operator::kNotEqual:
      return value != bound;
    case Operator::kLess:
      return value < bound;
    case Operator::kLessOrEqual:
      return value <= bound;
    case Operator::kGreater:
      return value > bound;
    case Operator::kGreaterOrEqual:
      return value >= bound;
    case Operator::kStartsWith:
    case Operator::kEndsWith:
    case Operator::kContains:
      return false;
  }
  return false;
}

/// `policyType=backup` finds `policy.backup.machine`.
bool NamesPolicyType(const std::string& type, const std::string& name) {
  return ('.' + type + '.').find('.' + name + '.') != std::string::npos;
}

bool Holds(const Test& test, Field field, const std::string& text) {
  if (test.op == Operator::kStartsWith) {
    return text.starts_with(test.text);
  }
  if (test.op == Operator::kEndsWith) {
    return text.ends_with(test.text);
  }
  if (test.op == Operator::kContains) {
    return text.find(test.text) != std::string::npos;
  }
  if (test.op == Operator::kEqual && field == Field::kPolicyType) {
    return NamesPolicyType(text, test.text);
  }
  return Compare(test.op, text, test.text);
}

/// `holds` says whether one test holds for the value of the task.
template <typename Holds>
bool AllHold(const Condition& condition, const Holds& holds) {
  const auto any = [&](const std::vector<Test>& tests) {
    return std::any_of(tests.begin(), tests.end(), holds);
  };
  return (condition.any_of.empty() || any(condition.any_of)) &&
         std::all_of(condition.none_of.begin(), condition.none_of.end(), holds) &&
         std::all_of(condition.all_of.begin(), condition.all_of.end(), holds);
}

bool IsBare(const Condition& condition) {
  return condition.any_of.empty() && condition.none_of.empty() && condition.all_of.empty();
}

/// Nothing but isnull() holds for an absent value.
bool FitsPresence(const Condition& condition, bool absent) {
  switch (condition.null_test) {
    case NullTest::kIsNull:
      return absent;
    case NullTest::kNotNull:
      return !absent;
    case NullTest::kNone:
      return !absent || IsBare(condition);
  }
  return false;
}

bool MatchesOne(const TaskView& task, const Condition& condition) {
  const Field field = condition.field->field;
  if (condition.field->kind == FieldKind::kFlag) {
    return true;  // Objects that were deleted are never kept, so there is nothing to add.
  }
  if (IsNumeric(condition.field->kind)) {
    const auto number = task.Number(field);
    return FitsPresence(condition, !number) && AllHold(condition, [&](const Test& test) {
             return Compare(test.op, *number, test.number);
           });
  }
  const std::string text = task.Text(field);
  return FitsPresence(condition, text.empty()) &&
         AllHold(condition, [&](const Test& test) { return Holds(test, field, text); });
}

}  // namespace

bool Matches(const TaskView& task, const std::vector<Condition>& conditions) {
  return std::all_of(conditions.begin(), conditions.end(),
                     [&](const Condition& condition) { return MatchesOne(task, condition); });
}

}  // namespace acronis::simulator
