#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>

namespace acronis::simulator {

/// Texts that repeat, each stored once.
class TextPool {
 public:
  using Id = std::uint32_t;

  Id Intern(std::string_view text) {
    if (const auto found = ids_.find(text); found != ids_.end()) {
      return found->second;
    }
    const auto id = static_cast<Id>(texts_.size());
    ids_.emplace(texts_.emplace_back(text), id);
    return id;
  }

  const std::string& Text(Id id) const { return texts_[id]; }

 private:
  std::deque<std::string> texts_;  // Never moves its elements: the keys below point into it.
  std::unordered_map<std::string_view, Id> ids_;
};

/// Who does the work; decides which optional objects a task carries.
enum class WorkKind : std::uint8_t {
  kSync,      ///< Reported to the server after the fact, all times identical.
  kBackup,    ///< By an agent on a machine.
  kCloud,     ///< Cloud to cloud; no machine.
  kAgent,     ///< Updates and other work of the agent itself.
  kSecurity,  ///< Scans and patches.
  kRecovery,
};

inline constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();

/// What is stored of a task: everything that cannot be derived from its id.
/// Times are nanoseconds since 1970; a million records take some 80 MB with their indexes.
struct TaskRecord {
  std::int64_t id = 0;
  std::int64_t enqueued = kNoTime;
  std::int64_t assigned = kNoTime;
  std::int64_t started = kNoTime;
  std::int64_t completed = kNoTime;
  std::int64_t updated = kNoTime;
  TextPool::Id queue = 0;
  TextPool::Id type = 0;
  TextPool::Id state = 0;
  TextPool::Id result = 0;  ///< Of the empty text when there is no result.
  std::uint32_t tenant = 0;
  WorkKind kind = WorkKind::kSync;
};

/// The id scheme of the service: time, node, sequence.
constexpr std::int64_t MakeTaskId(std::int64_t inserted, std::int64_t node, std::int64_t sequence) {
  constexpr std::int64_t kEpoch = 1'288'834'974'288;
  return (((inserted >> 20) - kEpoch) << 22) | (node << 12) | sequence;
}

}  // namespace acronis::simulator
