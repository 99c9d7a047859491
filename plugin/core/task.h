#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plugin/core/clock.h"

namespace acronis {

/// The result codes of the Task Manager API, and `unknown` for a missing or new one.
/// `abandoned` and `timedout` are set by the server when the executing agent vanished.
enum class ResultCode : std::uint8_t {
  kOk,
  kWarning,
  kError,
  kCancelled,
  kAbandoned,
  kTimedOut,
  kUnknown,
};
inline constexpr std::array kResultCodes = {
    ResultCode::kOk,        ResultCode::kWarning,  ResultCode::kError,   ResultCode::kCancelled,
    ResultCode::kAbandoned, ResultCode::kTimedOut, ResultCode::kUnknown,
};
inline constexpr std::size_t kResultCodeCount = kResultCodes.size();

std::string_view ToLabel(ResultCode code);
/// `unknown` for every text that is not one of the six codes. Case-sensitive, as the API is.
ResultCode ParseResultCode(std::string_view text);

/// The states of a task before the final one, in the order of the API's life cycle.
inline constexpr std::array<std::string_view, 4> kInFlightStates = {"enqueued", "assigned",
                                                                    "started", "paused"};
inline constexpr std::string_view kCompletedState = "completed";

/// What only a person looks at; filled when the decoder is asked for it.
struct TaskDetails {
  std::string uuid;
  std::string tenant_name;
  std::string resource_name;
  std::string policy_name;
  std::string error_text;

  bool operator==(const TaskDetails&) const = default;
};

/// One task, as the rest of the program knows it: no JSON, no HTTP, no metric types.
///
/// Texts are the API's own, unrepaired but valid UTF-8; an absent text is empty.
/// An unknown state or result code is kept as it came.
struct Task {
  std::int64_t id = 0;  ///< Unique within an account; 18 to 19 digits.
  std::string queue{};
  std::string type{};  ///< A name (`policy.apply`) or an upper-case GUID for the same kind of work.
  std::string state{};
  std::string result_code{};
  std::string tenant_id{};
  std::optional<TimePoint> enqueued_at{};
  std::optional<TimePoint> started_at{};  ///< Empty when it was cancelled in the queue.
  std::optional<TimePoint> updated_at{};  ///< The server's write time.
  std::optional<TimePoint> completed_at{};
  TaskDetails details{};

  bool operator==(const Task&) const = default;
};

}  // namespace acronis
