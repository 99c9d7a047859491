#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <tuple>
#include <vector>

#include "plugin/simulator/fault_board.h"
#include "plugin/simulator/http_message.h"

namespace acronis::simulator {

/// Answers of one kind.
struct AnswerKind {
  Endpoint endpoint = Endpoint::kOther;
  int status = 200;
  bool broken = false;  ///< Not to be had as a whole: cut, stalled, encoded, without an end.
  bool struck = false;  ///< Some fault was at work; `unreadable` only where it spoiled something.

  friend bool operator<(const AnswerKind& a, const AnswerKind& b) {
    return std::tie(a.endpoint, a.status, a.broken, a.struck) <
           std::tie(b.endpoint, b.status, b.broken, b.struck);
  }
};

struct AnswerSums {
  std::uint64_t answers = 0;
  std::uint64_t body_bytes = 0;  ///< As they go out, whole answers only.
};

/// What came in and went out, to compare a client's own numbers with. Thread-safe.
class TrafficLog {
 public:
  struct Totals {
    std::uint64_t connections = 0;
    std::uint64_t refused = 0;   ///< Connections reset before anything was read.
    std::uint64_t silent = 0;    ///< Other connections on which no request has come (yet).
    std::uint64_t repeated = 0;  ///< Requests with the X-Request-ID of one shortly before.
    std::map<AnswerKind, AnswerSums> answers{};
  };

  void NoteConnection(bool refused);
  void NoteRequest(const Request& request);
  void NoteAnswer(Endpoint endpoint, const std::vector<Fault>& faults, const Reply& reply);

  Totals Sum() const;

 private:
  mutable std::mutex mutex_;
  // All guarded by mutex_.
  Totals totals_;
  std::uint64_t talked_ = 0;          ///< Connections with a request.
  std::deque<std::size_t> last_ids_;  ///< Hashes.
};

}  // namespace acronis::simulator
