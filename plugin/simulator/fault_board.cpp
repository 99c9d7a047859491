#include "plugin/simulator/fault_board.h"

#include <algorithm>

namespace acronis::simulator {

namespace {

bool StrikesEndpoint(const Fault& fault, Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::kToken:
      return fault.path == "token" || fault.path == "any";
    case Endpoint::kTasks:
      return fault.path == "tasks" || fault.path == "any";
    case Endpoint::kOther:
      return fault.path == "any";
  }
  return false;
}

const FaultKind* FindKind(std::string_view name) {
  const auto kinds = KnownFaults();
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [name](const FaultKind& kind) { return kind.name == name; });
  return found == kinds.end() ? nullptr : &*found;
}

Error UnknownFault(const std::string& name) {
  std::string message = "unknown fault '" + name + "'; known are";
  for (const FaultKind& kind : KnownFaults()) {
    message += ' ';
    message += kind.name;
  }
  return {ErrorKind::kInvalidArgument, message};
}

/// Struck connections, not requests.
bool IsOfConnections(const Fault& fault) {
  return fault.name == "refuse" || fault.name == "tls";
}

Status CheckTlsFlaw(const Fault& fault) {
  if (fault.name != "tls" ||
      std::find(kTlsFlaws.begin(), kTlsFlaws.end(), fault.value) != kTlsFlaws.end()) {
    return Ok{};
  }
  std::string message = "unknown value '" + fault.value + "' of fault tls; known are";
  for (const std::string_view flaw : kTlsFlaws) {
    message += ' ';
    message += flaw;
  }
  return Error{ErrorKind::kInvalidArgument, message};
}

}  // namespace

Status FaultBoard::Set(Fault fault) {
  const FaultKind* const kind = FindKind(fault.name);
  if (kind == nullptr) {
    return UnknownFault(fault.name);
  }
  if (!fault.path.empty() && fault.path != "token" && fault.path != "tasks" &&
      fault.path != "any") {
    return Error{ErrorKind::kInvalidArgument,
                 "unknown path '" + fault.path + "'; known are token tasks any"};
  }
  if (fault.path.empty()) {
    fault.path = kind->path;
  }
  if (fault.value.empty()) {
    fault.value = kind->value;
  }
  if (auto checked = CheckTlsFlaw(fault); !checked) {
    return checked;
  }
  if (fault.count == 0) {
    fault.count = kind->count;
  }
  const std::lock_guard lock(mutex_);
  std::erase_if(active_, [&](const Fault& known) { return known.name == fault.name; });
  active_.push_back(std::move(fault));
  return Ok{};
}

bool FaultBoard::Clear(std::string_view name) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(active_, [&](const Fault& known) { return known.name == name; }) > 0;
}

void FaultBoard::ClearAll() {
  const std::lock_guard lock(mutex_);
  active_.clear();
}

std::vector<Fault> FaultBoard::List() const {
  const std::lock_guard lock(mutex_);
  return active_;
}

std::vector<Fault> FaultBoard::Strike(Endpoint endpoint, bool later_page) {
  std::vector<Fault> struck;
  const std::lock_guard lock(mutex_);
  for (Fault& fault : active_) {
    if (IsOfConnections(fault) || !StrikesEndpoint(fault, endpoint) ||
        (FindKind(fault.name)->later_pages && !later_page)) {
      continue;
    }
    struck.push_back(fault);
    fault.count -= fault.count > 0 ? 1 : 0;
  }
  std::erase_if(active_, [](const Fault& fault) { return fault.count == 0; });
  return struck;
}

std::optional<Fault> FaultBoard::StrikeConnection(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(active_.begin(), active_.end(),
                                  [name](const Fault& fault) { return fault.name == name; });
  if (found == active_.end()) {
    return std::nullopt;
  }
  Fault struck = *found;
  found->count -= found->count > 0 ? 1 : 0;
  if (found->count == 0) {
    active_.erase(found);
  }
  return struck;
}

}  // namespace acronis::simulator
