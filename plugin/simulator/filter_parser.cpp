#include "plugin/simulator/filter_parser.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <limits>
#include <optional>
#include <string>

#include "plugin/core/time_format.h"

namespace acronis::simulator {

namespace {

Error Refuse(std::string message) {
  return {ErrorKind::kBadRequest, std::move(message)};
}

std::string OnField(const FieldInfo& field) {
  return " on field '" + std::string(field.name) + "'";
}

std::optional<std::int64_t> ReadInteger(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

/// Milliseconds taken for seconds are a time beyond the end of the calendar, not an error.
std::int64_t SecondsToNanoseconds(std::int64_t seconds) {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (seconds > kMax / kNanoseconds) {
    return kMax;
  }
  return seconds < -kMax / kNanoseconds ? -kMax : seconds * kNanoseconds;
}

Result<std::int64_t> ReadTime(const FieldInfo& field, std::string_view text) {
  if (text.empty()) {
    return Refuse("empty time value" + OnField(field));
  }
  if (text.ends_with("ns")) {
    if (const auto value = ReadInteger(text.substr(0, text.size() - 2))) {
      return *value;
    }
    return Refuse("incorrect UNIX-TIMESTAMP-NANO format" + OnField(field));
  }
  if (const auto value = ReadInteger(text)) {
    return SecondsToNanoseconds(*value);
  }
  if (const auto time = ParseDate(text)) {
    return time->time_since_epoch().count();
  }
  return Refuse(
      "incorrect time format, must be one of (UNIX-TIMESTAMP-NANO, UNIX-TIMESTAMP, RFC3339, "
      "RFC1123, RFC850, ANSI-C)" +
      OnField(field));
}

Result<std::int64_t> ReadNumber(const FieldInfo& field, std::string_view text) {
  if (field.kind == FieldKind::kTime) {
    return ReadTime(field, text);
  }
  if (field.kind == FieldKind::kEnum) {
    const auto rank = EnumRank(field.field, text);
    return rank ? Result<std::int64_t>(*rank)
                : Refuse("invalid enum value: `" + std::string(text) + "`" + OnField(field));
  }
  const auto value = ReadInteger(text);
  return value ? Result<std::int64_t>(*value)
               : Refuse("strconv.ParseInt: parsing \"" + std::string(text) + "\": invalid syntax" +
                        OnField(field));
}

bool IsUuid(std::string_view text) {
  constexpr std::string_view kShape = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
  return std::equal(text.begin(), text.end(), kShape.begin(), kShape.end(),
                    [](unsigned char c, char wanted) {
                      return wanted == '-' ? c == '-' : std::isxdigit(c) != 0;
                    });
}

Result<std::string> ReadText(const FieldInfo& field, std::string_view text) {
  const std::size_t max_length = field.kind == FieldKind::kName ? 256 : 64;
  if (text.empty()) {
    return Refuse("field '" + std::string(field.name) + "' value is empty");
  }
  if (text.size() > max_length) {
    return Refuse("field '" + std::string(field.name) + "' value is too long, max length is " +
                  std::to_string(max_length));
  }
  if (field.kind == FieldKind::kUuid && !IsUuid(text)) {
    return Refuse("bad uuid format: " + std::string(text) + OnField(field));
  }
  return std::string(text);
}

Result<Test> ReadTest(const FieldInfo& field, Operator op, std::string_view argument) {
  Test test;
  test.op = op;
  if (IsNumeric(field.kind)) {
    const auto number = ReadNumber(field, argument);
    if (!number) {
      return number.error();
    }
    test.number = *number;
  } else {
    auto text = ReadText(field, argument);
    if (!text) {
      return text.error();
    }
    test.text = std::move(*text);
  }
  return test;
}

struct NamedOperator {
  std::string_view name;
  Operator op;
};
constexpr std::array<NamedOperator, 8> kOperators = {{
    {"lt", Operator::kLess},
    {"le", Operator::kLessOrEqual},
    {"gt", Operator::kGreater},
    {"ge", Operator::kGreaterOrEqual},
    {"ne", Operator::kNotEqual},
    {"hlike", Operator::kStartsWith},
    {"tlike", Operator::kEndsWith},
    {"like", Operator::kContains},
}};

bool IsText(FieldKind kind) {
  return kind == FieldKind::kText || kind == FieldKind::kName;
}

Result<Operator> FindOperator(const FieldInfo& field, std::string_view name) {
  const auto* const found = std::find_if(kOperators.begin(), kOperators.end(),
                                         [name](const auto& entry) { return entry.name == name; });
  const bool like = name.ends_with("like");
  if (found != kOperators.end() && like && IsText(field.kind) && field.kind != FieldKind::kName) {
    return Refuse("like functions are unsupported" + OnField(field));
  }
  if (found == kOperators.end() || field.kind == FieldKind::kFlag ||
      (!IsText(field.kind) && (like || found->op == Operator::kNotEqual))) {
    return Refuse("unsupported function '" + std::string(name) + "'" + OnField(field));
  }
  return found->op;
}

std::vector<Test>& ListFor(Condition& condition, Operator op) {
  switch (op) {
    case Operator::kEqual:
    case Operator::kStartsWith:
    case Operator::kEndsWith:
    case Operator::kContains:
      return condition.any_of;
    case Operator::kNotEqual:
      return condition.none_of;
    case Operator::kLess:
    case Operator::kLessOrEqual:
    case Operator::kGreater:
    case Operator::kGreaterOrEqual:
      return condition.all_of;
  }
  return condition.all_of;
}

}  // namespace

Result<FunctionCall> SplitCall(std::string_view value, std::string_view suffix) {
  const std::size_t open = value.find('(');
  const std::size_t close = value.find(')');
  if (open == std::string_view::npos && close == std::string_view::npos) {
    return FunctionCall{};
  }
  const std::string start = "bad function '" + std::string(value) + "', ";
  if (open == std::string_view::npos) {
    return Refuse(start + "no opening bracket" + std::string(suffix));
  }
  if (close == std::string_view::npos) {
    return Refuse(start + "no closing bracket" + std::string(suffix));
  }
  if (close < open) {
    return Refuse(start + "closing bracket placed before opening bracket" + std::string(suffix));
  }
  return FunctionCall{false, value.substr(0, open), value.substr(open + 1, close - open - 1)};
}

Status AddToCondition(Condition& condition, std::string_view value) {
  const FieldInfo& field = *condition.field;
  const auto call = SplitCall(value, OnField(field));
  if (!call) {
    return call.error();
  }
  if (!call->bare && (call->function == "isnull" || call->function == "notnull")) {
    condition.null_test = call->function == "isnull" ? NullTest::kIsNull : NullTest::kNotNull;
    return Ok{};
  }
  Operator op = Operator::kEqual;
  if (!call->bare) {
    const auto found = FindOperator(field, call->function);
    if (!found) {
      return found.error();
    }
    op = *found;
  }
  auto test = ReadTest(field, op, call->bare ? value : call->argument);
  if (!test) {
    return test.error();
  }
  ListFor(condition, op).push_back(std::move(*test));
  return Ok{};
}

Status CheckCondition(const Condition& condition) {
  const std::string name(condition.field->name);
  if (condition.null_test != NullTest::kNone &&
      condition.any_of.size() + condition.none_of.size() + condition.all_of.size() > 0) {
    return Refuse("isnull and notnull must be the only condition on field '" + name + "'");
  }
  for (const Test& banned : condition.none_of) {
    const bool wanted = std::any_of(
        condition.any_of.begin(), condition.any_of.end(),
        [&](const Test& test) { return test.op == Operator::kEqual && test.text == banned.text; });
    if (wanted) {
      return Refuse(
          "positive condition on value cannot be set alongside with ne function on it, field '" +
          name + "', value '" + banned.text + "'");
    }
  }
  return Ok{};
}

}  // namespace acronis::simulator
