#include "plugin/simulator/page_faults.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "plugin/simulator/dice.h"
#include "plugin/simulator/reply_faults.h"
#include "plugin/simulator/text_format.h"

namespace acronis::simulator {

namespace {

constexpr std::size_t kLongText = 1U << 20U;

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

}  // namespace

Twist TwistOf(const std::vector<Fault>& faults) {
  if (const Fault* const fault = FindFault(faults, "unknown_enum")) {
    return {fault->value, R"("entangled")"};
  }
  if (const Fault* const fault = FindFault(faults, "wrong_type")) {
    const std::size_t equals = std::min(fault->value.find('='), fault->value.size());
    const std::string_view kind =
        std::string_view(fault->value).substr(std::min(equals + 1, fault->value.size()));
    return {fault->value.substr(0, equals), ValueOfKind(kind)};
  }
  return {};
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
