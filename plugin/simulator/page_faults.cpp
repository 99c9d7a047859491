#include "plugin/simulator/page_faults.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <regex>
#include <string>
#include <string_view>
#include <utility>

#include "plugin/core/time_format.h"
#include "plugin/simulator/dice.h"
#include "plugin/simulator/reply_faults.h"
#include "plugin/simulator/text_format.h"

namespace acronis::simulator {

namespace {

constexpr std::size_t kLongText = 1U << 20U;
constexpr std::array<std::string_view, 9> kKinds = {"missing", "null",  "string", "number", "array",
                                                    "object",  "empty", "long",   "bool"};

std::string ValueOfKind(std::string_view kind) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kValues = {
      {{"null", "null"},
       {"string", R"("text")"},
       {"number", "42"},
       {"array", "[]"},
       {"object", "{}"},
       {"empty", R"("")"},
       {"bool", "true"}}};
  if (kind == "long") {
    return '"' + std::string(kLongText, 'x') + '"';
  }
  const auto* const found = std::find_if(kValues.begin(), kValues.end(),
                                         [kind](const auto& entry) { return entry.first == kind; });
  return found == kValues.end() ? std::string() : std::string(found->second);
}

/// FIELD=KIND, taken apart.
std::pair<std::string, std::string> FieldAndKind(const std::string& value) {
  const std::size_t equals = std::min(value.find('='), value.size());
  return {value.substr(0, equals), value.substr(std::min(equals + 1, value.size()))};
}

/// The same instant in the zone of India.
std::string InIndia(const std::string& time) {
  constexpr auto kOffset = std::chrono::hours(5) + std::chrono::minutes(30);
  const auto instant = ParseRfc3339(time);
  if (!instant) {
    return time;
  }
  std::string local = FormatTime((*instant + kOffset).time_since_epoch().count());
  local.pop_back();
  return local + "+05:30";
}

}  // namespace

Twist TwistOf(const std::vector<Fault>& faults, std::size_t place) {
  if (const Fault* const fault = FindFault(faults, "unknown_enum")) {
    return place == 0 ? Twist{fault->value, R"("entangled")"} : Twist{};
  }
  const Fault* const fault = FindFault(faults, "wrong_type");
  if (fault == nullptr) {
    return {};
  }
  auto [field, kind] = FieldAndKind(fault->value);
  if (kind == "each" && place < kKinds.size()) {
    return {std::move(field), ValueOfKind(kKinds.at(place))};
  }
  return kind != "each" && place == 0 ? Twist{std::move(field), ValueOfKind(kind)} : Twist{};
}

Twist TwistOfEnvelope(const std::vector<Fault>& faults) {
  const Fault* const fault = FindFault(faults, "wrong_envelope");
  if (fault == nullptr) {
    return {};
  }
  auto [field, kind] = FieldAndKind(fault->value);
  return {std::move(field), ValueOfKind(kind)};
}

void ReformatTimes(const std::vector<Fault>& faults, std::string& items) {
  const Fault* const fault = FindFault(faults, "time_format");
  if (fault == nullptr) {
    return;
  }
  static const std::regex time_pattern(R"((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z)");
  std::string written;
  auto rest = items.cbegin();
  for (std::sregex_iterator time(items.cbegin(), items.cend(), time_pattern), end; time != end;
       ++time) {
    written.append(rest, (*time)[0].first);
    written += fault->value == "offset" ? InIndia(time->str()) : time->str(1) + 'Z';
    rest = (*time)[0].second;
  }
  written.append(rest, items.cend());
  items = std::move(written);
}

Twist TwistOfEach(const std::vector<Fault>& faults, std::int64_t id) {
  const Fault* const fault = FindFault(faults, "many_queues");
  if (fault == nullptr) {
    return {};
  }
  const bool bounded = fault->value.find_first_not_of("0123456789") == std::string::npos;
  if (!bounded) {
    return {"queue", JsonString(fault->value + std::to_string(id))};
  }
  const auto names = static_cast<std::uint64_t>(std::max<std::int64_t>(FaultNumber(*fault), 1));
  const std::uint64_t place = Mix(static_cast<std::uint64_t>(id)) % names;
  return {"queue", JsonString("queue-" + std::to_string(place))};
}

bool IsUnreadable(const std::vector<Fault>& faults, const TaskRecord& task) {
  const Fault* const fault = FindFault(faults, "unreadable");
  return fault != nullptr && task.completed != kNoTime &&
         IsUnreadable(task.id, std::max<std::int64_t>(FaultNumber(*fault), 1));
}

bool IsUnreadable(std::int64_t id, std::int64_t one_in) {
  return Mix(static_cast<std::uint64_t>(id)) % static_cast<std::uint64_t>(one_in) == 0;
}

std::string NewFields(const std::vector<Fault>& faults) {
  return FindFault(faults, "new_fields") == nullptr
             ? std::string()
             : R"(,"entanglement":{"spin":[0.5,-0.5],"items":null},"id2":"1")";
}

}  // namespace acronis::simulator
