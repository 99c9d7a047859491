#include "plugin/api/task_query.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "plugin/core/time_format.h"

namespace acronis::api {
namespace {

constexpr std::string_view kTasksPath = "/api/task_manager/v2/tasks";
constexpr int kMaxLimit = 1000;

enum class FieldKind { kId, kUuid, kEnum, kTime, kString, kFlag };

constexpr std::array<std::string_view, 5> kStates = {"enqueued", "assigned", "started", "paused",
                                                     "completed"};
constexpr std::array<std::string_view, 6> kResults = {"ok",        "error",     "warning",
                                                      "cancelled", "abandoned", "timedout"};
constexpr std::array<std::string_view, 5> kPriorities = {"low", "belowNormal", "normal",
                                                         "aboveNormal", "high"};
constexpr std::array<std::string_view, 2> kFlagValues = {"true", "false"};
constexpr std::array<std::string_view, 5> kLods = {"tiny", "short", "long", "full", "debug"};
constexpr std::size_t kIdLength = 64;
constexpr std::size_t kNameLength = 256;

struct Field {
  std::string_view name;
  FieldKind kind;
  std::span<const std::string_view> values = {};  ///< Of an enum or a flag.
  std::size_t max_length = 0;                     ///< Of a string, in characters.
};

constexpr std::array kFields = {
    Field{"state", FieldKind::kEnum, kStates},
    Field{"resultCode", FieldKind::kEnum, kResults},
    Field{"priority", FieldKind::kEnum, kPriorities},
    Field{"type", FieldKind::kString, {}, kIdLength},
    Field{"queue", FieldKind::kString, {}, kIdLength},
    Field{"id", FieldKind::kId},
    Field{"uuid", FieldKind::kUuid},
    Field{"resourceId", FieldKind::kString, {}, kIdLength},
    Field{"resourceName", FieldKind::kString, {}, kNameLength},
    Field{"resourceType", FieldKind::kString, {}, kIdLength},
    Field{"policyId", FieldKind::kString, {}, kIdLength},
    Field{"policyName", FieldKind::kString, {}, kNameLength},
    Field{"policyType", FieldKind::kString, {}, kIdLength},
    Field{"startedBy", FieldKind::kString, {}, kNameLength},
    Field{"executorId", FieldKind::kString, {}, kIdLength},
    Field{"workflowId", FieldKind::kId},
    Field{"tag", FieldKind::kString, {}, kIdLength},
    Field{"affinityAgentId", FieldKind::kString, {}, kIdLength},
    Field{"affinityClusterId", FieldKind::kString, {}, kIdLength},
    Field{"enqueuedAt", FieldKind::kTime},
    Field{"assignedAt", FieldKind::kTime},
    Field{"startedAt", FieldKind::kTime},
    Field{"updatedAt", FieldKind::kTime},
    Field{"completedAt", FieldKind::kTime},
    Field{"allow_deleted", FieldKind::kFlag, kFlagValues},
};

/// A value taken apart: `gt(x)`, or a bare `x`.
struct Condition {
  Comparison comparison = Comparison::kEqual;
  std::string_view literal;
};

constexpr std::array<std::pair<std::string_view, Comparison>, 4> kFunctions = {{
    {"gt", Comparison::kGreater},
    {"ge", Comparison::kGreaterOrEqual},
    {"lt", Comparison::kLess},
    {"le", Comparison::kLessOrEqual},
}};

std::string Join(std::span<const std::string_view> words) {
  std::string out;
  for (const auto word : words) {
    out += (out.empty() ? "" : ", ");
    out += word;
  }
  return out;
}

std::string Quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

Error Refuse(std::string message) {
  return {ErrorKind::kInvalidArgument, std::move(message)};
}

std::string KnownFields() {
  std::string out;
  for (const auto& field : kFields) {
    out += (out.empty() ? "" : ", ");
    out += field.name;
  }
  return out;
}

const Field* FindField(std::string_view name) {
  const auto* const found = std::find_if(kFields.begin(), kFields.end(),
                                         [name](const Field& field) { return field.name == name; });
  return found == kFields.end() ? nullptr : found;
}

std::string WithFunction(Comparison comparison, std::string literal) {
  for (const auto& [name, value] : kFunctions) {
    if (value == comparison) {
      return std::string(name) + "(" + literal + ")";
    }
  }
  return literal;
}

/// Splits `function(literal)`. The API splits at the first brackets, so a
/// literal with brackets of its own cannot be expressed.
Result<Condition> TakeApart(const Field& field, std::string_view value) {
  const auto open = value.find('(');
  if (open == std::string_view::npos && value.find(')') == std::string_view::npos) {
    return Condition{Comparison::kEqual, value};
  }
  const bool closed = open != std::string_view::npos && value.find(')') == value.size() - 1 &&
                      value.find('(', open + 1) == std::string_view::npos;
  if (!closed) {
    return Refuse("filter " + Quoted(field.name) + ": " + Quoted(value) +
                  " is not a value or function(value); a value cannot contain brackets");
  }
  const auto name = value.substr(0, open);
  for (const auto& [function, comparison] : kFunctions) {
    if (function == name && field.kind != FieldKind::kFlag) {
      return Condition{comparison, value.substr(open + 1, value.size() - open - 2)};
    }
  }
  return Refuse("filter " + Quoted(field.name) + ": unsupported function " + Quoted(name) +
                (field.kind == FieldKind::kFlag
                     ? "; accepted is true or false"
                     : "; accepted are a bare value without brackets, gt(), ge(), lt() and le()"));
}

bool IsInteger(std::string_view text) {
  std::int64_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, value);
  return problem == std::errc() && stopped == end;
}

bool IsUuid(std::string_view text) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  constexpr std::string_view kHex = "0123456789abcdefABCDEF";
  return std::equal(text.begin(), text.end(), kShape.begin(), kShape.end(), [&](char c, char s) {
    return s == 'x' ? kHex.find(c) != std::string_view::npos : c == '-';
  });
}

/// Characters of a UTF-8 text.
std::size_t CountCharacters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

/// The literal as it is sent, or what would be accepted in its place.
Result<std::string> CheckLiteral(const Field& field, std::string_view literal) {
  switch (field.kind) {
    case FieldKind::kTime: {
      const auto time = ParseDate(literal);
      return time ? Result<std::string>(FormatRfc3339(*time)) : Refuse(time.error().message);
    }
    case FieldKind::kId:
      return IsInteger(literal) ? Result<std::string>(std::string(literal))
                                : Refuse(Quoted(literal) + " is not a 64-bit whole number");
    case FieldKind::kUuid:
      return IsUuid(literal) ? Result<std::string>(std::string(literal))
                             : Refuse(Quoted(literal) +
                                      " is not a UUID (38045860-8901-426e-b51f-fc6d24d1cbe0)");
    case FieldKind::kEnum:
    case FieldKind::kFlag:
      return std::ranges::find(field.values, literal) != field.values.end()
                 ? Result<std::string>(std::string(literal))
                 : Refuse(Quoted(literal) + " is not one of " + Join(field.values));
    case FieldKind::kString:
      break;
  }
  if (CountCharacters(literal) > field.max_length) {
    return Refuse("the value is too long, at most " + std::to_string(field.max_length) +
                  " characters are accepted");
  }
  return std::string(literal);
}

void AppendEncoded(std::string& out, std::string_view text) {
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4U];
    out += kHex[byte & 0x0FU];
  }
}

void AppendParameter(std::string& target, std::string_view name, std::string_view value) {
  target += target.find('?') == std::string::npos ? '?' : '&';
  AppendEncoded(target, name);
  target += '=';
  AppendEncoded(target, value);
}

}  // namespace

Status TaskQuery::AddFilter(std::string_view field, std::string_view value) {
  const Field* const known = FindField(field);
  if (known == nullptr) {
    return Refuse("unknown filter " + Quoted(field) + "; known are " + KnownFields());
  }
  const auto condition = TakeApart(*known, value);
  if (!condition) {
    return condition.error();
  }
  if (condition->literal.empty()) {
    return Refuse("filter " + Quoted(field) + ": the value is empty");
  }
  const bool single = field == "updatedAt" || known->kind == FieldKind::kFlag;
  if (single && std::ranges::any_of(filters_, [&](const auto& f) { return f.first == field; })) {
    return Refuse("filter " + Quoted(field) + " can be given only once");
  }
  const auto literal = CheckLiteral(*known, condition->literal);
  if (!literal) {
    return Refuse("filter " + Quoted(field) + ": " + literal.error().message);
  }
  filters_.emplace_back(field, WithFunction(condition->comparison, *literal));
  return Ok{};
}

void TaskQuery::AddTimeBound(std::string_view field, Comparison comparison, TimePoint time) {
  filters_.emplace_back(field, WithFunction(comparison, FormatRfc3339(time)));
}

Status TaskQuery::SetOrder(std::string_view order) {
  const auto open = order.find('(');
  const auto function = order.substr(0, open);
  const bool shaped = open != std::string_view::npos && order.ends_with(')') &&
                      (function == "asc" || function == "desc");
  const auto name = shaped ? order.substr(open + 1, order.size() - open - 2) : std::string_view();
  const Field* const field = FindField(name);
  if (field == nullptr || field->kind == FieldKind::kFlag) {
    return Refuse("order: " + Quoted(order) +
                  " is not asc(field) or desc(field) with a field of the API, such as "
                  "asc(completedAt)");
  }
  order_ = order;
  return Ok{};
}

Status TaskQuery::SetLimit(int limit) {
  if (limit < 1 || limit > kMaxLimit) {
    return Refuse("limit: " + std::to_string(limit) + " is not from 1 to " +
                  std::to_string(kMaxLimit));
  }
  limit_ = limit;
  return Ok{};
}

Status TaskQuery::SetLod(std::string_view lod) {
  if (!lod.empty() && std::ranges::find(kLods, lod) == kLods.end()) {
    return Refuse("lod: " + Quoted(lod) + " is not one of " + Join(kLods));
  }
  lod_ = lod;
  return Ok{};
}

std::string TaskQuery::FirstPageTarget() const {
  std::string target(kTasksPath);
  for (const auto& [field, value] : filters_) {
    AppendParameter(target, field, value);
  }
  if (!order_.empty()) {
    AppendParameter(target, "order", order_);
  }
  if (!lod_.empty()) {
    AppendParameter(target, "lod", lod_);
  }
  AppendParameter(target, "limit", std::to_string(limit_));
  return target;
}

std::string TaskQuery::NextPageTarget(std::string_view cursor) const {
  std::string target(kTasksPath);
  AppendParameter(target, "limit", std::to_string(limit_));
  AppendParameter(target, "after", cursor);
  return target;
}

}  // namespace acronis::api
