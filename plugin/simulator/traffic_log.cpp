#include "plugin/simulator/traffic_log.h"

#include <algorithm>
#include <array>
#include <functional>

namespace acronis::simulator {

namespace {

/// A client that repeats a request does so at once.
constexpr std::size_t kKeptIds = 64;

/// Whole on the wire, but in a coding that no client can make sense of.
constexpr std::array<std::string_view, 3> kSpoiledCodings = {"gzip_bomb", "wrong_encoding",
                                                             "nested_encoding"};

bool IsBroken(const std::vector<Fault>& faults, Wire wire) {
  return (wire != Wire::kWhole && wire != Wire::kCloseAfterReply) ||
         std::ranges::any_of(faults, [](const Fault& fault) {
           return std::ranges::find(kSpoiledCodings, fault.name) != kSpoiledCodings.end();
         });
}

}  // namespace

void TrafficLog::NoteConnection(bool refused) {
  const std::lock_guard lock(mutex_);
  ++totals_.connections;
  totals_.refused += refused ? 1 : 0;
}

void TrafficLog::NoteRequest(const Request& request) {
  const std::string_view id = FindHeader(request.headers, "X-Request-ID");
  const std::size_t hash = std::hash<std::string_view>()(id);
  const std::lock_guard lock(mutex_);
  talked_ += request.earlier == 0 ? 1 : 0;
  if (id.empty()) {
    return;
  }
  if (std::ranges::find(last_ids_, hash) != last_ids_.end()) {
    ++totals_.repeated;
    return;
  }
  last_ids_.push_back(hash);
  if (last_ids_.size() > kKeptIds) {
    last_ids_.pop_front();
  }
}

void TrafficLog::NoteAnswer(Endpoint endpoint, const std::vector<Fault>& faults,
                            const Reply& reply) {
  const AnswerKind kind{.endpoint = endpoint,
                        .status = reply.status,
                        .broken = IsBroken(faults, reply.delivery.wire),
                        .struck = !faults.empty()};
  const std::lock_guard lock(mutex_);
  AnswerSums& sums = totals_.answers[kind];
  ++sums.answers;
  sums.body_bytes += kind.broken ? 0 : reply.body.size();
}

TrafficLog::Totals TrafficLog::Sum() const {
  const std::lock_guard lock(mutex_);
  Totals totals = totals_;
  const std::uint64_t met = talked_ + totals.refused;
  totals.silent = totals.connections - std::min(met, totals.connections);
  return totals;
}

}  // namespace acronis::simulator
