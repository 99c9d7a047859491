#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugin/core/clock.h"
#include "plugin/simulator/fault_board.h"
#include "plugin/simulator/http_message.h"
#include "plugin/simulator/simulator_options.h"
#include "plugin/simulator/traffic_log.h"

namespace acronis::simulator {

/// A task added by hand. What is left out gets a believable value.
struct NewTask {
  std::optional<std::int64_t> id{};  ///< Default: the next id of the service's scheme at Now().
  std::string queue = "backup-agent";
  std::string type = "policy.apply";
  std::string state = "completed";
  std::string result_code = "ok";  ///< Empty: no `result` at all. Any text is passed on.
  int tenant = 0;                  ///< Index of a generated tenant, taken modulo their number.
  std::optional<TimePoint> enqueued_at{};
  std::optional<TimePoint> assigned_at{};
  std::optional<TimePoint> started_at{};
  std::optional<TimePoint> completed_at{};
  std::optional<TimePoint> updated_at{};  ///< Default: Now().
};

/// What changes of an existing task; empty fields stay. `updatedAt` becomes
/// Now() unless it is given.
struct TaskChange {
  std::optional<std::string> state{};
  std::optional<std::string> result_code{};
  std::optional<TimePoint> assigned_at{};
  std::optional<TimePoint> started_at{};
  std::optional<TimePoint> completed_at{};
  std::optional<TimePoint> updated_at{};
};

/// Number of tasks by (queue, result code).
using CountsByQueueAndResult = std::map<std::pair<std::string, std::string>, std::uint64_t>;

/// An Acronis Task Manager, from the point of view of its HTTP clients.
///
/// Handle() answers one request; there are no sockets here. The tasks are a
/// function of seed, rate and the clock's Now(): the same second always brings
/// the same tasks, whenever the simulator was started. Tests may add tasks of
/// their own. Thread-safe; one request is answered at a time. Borrows the
/// clock. Now() must not go back.
class Simulator {
 public:
  Simulator(SimulatorOptions options, Clock& clock);
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  /// `reply.delivery` says what should happen on the wire; who serves the reply does it.
  Reply Handle(const Request& request);

  FaultBoard& Faults();
  /// Requests and answers note themselves, connections are noted by who serves them.
  TrafficLog& Traffic();

  /// Another API client, or another secret for a known one.
  void AddClient(const std::string& client_id, Secret secret);
  /// Every token given out so far is refused from now on.
  void RevokeTokens();

  /// Returns the id. An id that exists already gets a second object.
  std::int64_t AddTask(const NewTask& task);
  /// False if there is no such task.
  bool ChangeTask(std::int64_t id, const TaskChange& change);
  bool RemoveTask(std::int64_t id);

  /// Called before each request is answered, outside of any lock: the place to
  /// change tasks between two pages. Set it before the first request.
  void OnRequest(std::function<void(const Request&)> hook);

  /// UUID of a tenant, for tenant-scoped tokens. REQUIRES: there are tenants.
  std::string TenantUuid(int tenant) const;
  /// Number of tasks that a listing could show now.
  std::uint64_t TaskCount();

  /// Distinct ids that are completed now with a completion time in [from, to).
  CountsByQueueAndResult Truth(TimePoint from, TimePoint to);
  CountsByQueueAndResult Truth();
  /// Distinct ids shown as completed to `client_id`, each under the queue and
  /// result of its first showing. Answers that a fault spoils or
  /// cuts off show nothing.
  CountsByQueueAndResult ShownCounts(std::string_view client_id) const;
  /// The same as ids, ascending.
  std::vector<std::int64_t> Shown(std::string_view client_id) const;
  /// How many they are.
  std::size_t ShownSize(std::string_view client_id) const;
  /// When a task completed; empty if it has not, or there is none.
  std::optional<TimePoint> CompletedAt(std::int64_t id) const;
  /// Every client that was shown a completed task.
  std::vector<std::string> Clients() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace acronis::simulator
