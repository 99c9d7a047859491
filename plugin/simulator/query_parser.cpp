#include "plugin/simulator/query_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "plugin/simulator/filter_parser.h"

namespace acronis::simulator {

namespace {

constexpr std::array<std::pair<std::string_view, Lod>, 6> kLods = {{{"tiny", Lod::kTiny},
                                                                    {"short", Lod::kShort},
                                                                    {"long", Lod::kLong},
                                                                    {"full", Lod::kFull},
                                                                    {"debug", Lod::kDebug},
                                                                    {"count", Lod::kCount}}};

Error Refuse(std::string message) {
  return {ErrorKind::kBadRequest, std::move(message)};
}

Result<OrderKey> ParseOrder(std::string_view value, Resource resource) {
  if (value.empty()) {
    return Refuse("empty order function");
  }
  const auto call = SplitCall(value, "");
  if (!call) {
    return call.error();
  }
  const std::string_view function = call->bare ? value : call->function;
  if (function.empty()) {
    return Refuse("empty order function");
  }
  if (call->bare || (function != "asc" && function != "desc")) {
    return Refuse("bad order function '" + std::string(function) + "'");
  }
  if (call->argument.empty()) {
    return Refuse("empty order field");
  }
  const FieldInfo* const field = FindField(call->argument, resource);
  if (field == nullptr || field->kind == FieldKind::kFlag) {
    return Refuse("bad order field '" + std::string(call->argument) + "'");
  }
  return OrderKey{field, function == "desc"};
}

Result<Lod> ParseLod(std::string_view value) {
  const auto* const found = std::find_if(kLods.begin(), kLods.end(),
                                         [value](const auto& lod) { return lod.first == value; });
  if (found == kLods.end()) {
    return Refuse("invalid enum value: `" + std::string(value) + "` on field 'lod'");
  }
  return found->second;
}

Condition& ConditionOf(ListQuery& query, const FieldInfo* field) {
  const auto found = std::find_if(query.conditions.begin(), query.conditions.end(),
                                  [field](const Condition& known) { return known.field == field; });
  if (found != query.conditions.end()) {
    return *found;
  }
  Condition condition;
  condition.field = field;
  return query.conditions.emplace_back(std::move(condition));
}

Status AddFilter(ListQuery& query, const std::string& name, const std::string& value,
                 Resource resource) {
  if (name.empty()) {
    return Refuse("empty condition field");
  }
  const FieldInfo* const field = FindField(name, resource);
  if (field == nullptr) {
    return Refuse("bad condition field '" + name + "'");
  }
  return AddToCondition(ConditionOf(query, field), value);
}

Status AddParameter(ListQuery& query, const std::string& name, const std::string& value,
                    const QueryRules& rules) {
  if (name == "limit") {
    const auto limit = ParseLimit(value, rules);
    if (!limit) {
      return limit.error();
    }
    query.limit = *limit;
    return Ok{};
  }
  if (name == "order") {
    const auto key = ParseOrder(value, rules.resource);
    if (!key) {
      return key.error();
    }
    query.order.push_back(*key);
    return Ok{};
  }
  if (name == "lod") {
    const auto lod = ParseLod(value);
    if (!lod) {
      return lod.error();
    }
    query.lod = *lod;
    return Ok{};
  }
  return AddFilter(query, name, value, rules.resource);
}

}  // namespace

Result<std::int64_t> ParseLimit(const std::string& text, const QueryRules& rules) {
  std::int64_t limit = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, limit);
  if (error != std::errc() || stopped != end) {
    return Refuse("strconv.ParseInt: parsing \"" + text + "\": invalid syntax on field 'limit'");
  }
  if (limit < 1 || limit > rules.max_limit) {
    return Refuse("field 'limit' value is out of range, must be from 1 to " +
                  std::to_string(rules.max_limit));
  }
  return limit;
}

Result<ListQuery> ParseListQuery(const Parameters& parameters, const QueryRules& rules) {
  ListQuery query;
  query.limit = rules.default_limit;
  for (const auto& [name, value] : parameters) {
    if (const auto added = AddParameter(query, name, value, rules); !added) {
      return added.error();
    }
  }
  for (const Condition& condition : query.conditions) {
    if (const auto checked = CheckCondition(condition); !checked) {
      return checked.error();
    }
    if (rules.strict && condition.field->field == Field::kUpdatedAt &&
        condition.all_of.size() + condition.any_of.size() > 1) {
      return Refuse("field 'updatedAt' accepts a single value");
    }
  }
  if (rules.resource == Resource::kActivities) {
    // A task that never started has none.
    Condition& started = query.conditions.emplace_back();
    started.field = FindField("startedAt", rules.resource);
    started.null_test = NullTest::kNotNull;
  }
  return query;
}

}  // namespace acronis::simulator
