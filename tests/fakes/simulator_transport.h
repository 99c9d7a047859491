#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "plugin/api/transport.h"
#include "plugin/simulator/simulator.h"

namespace acronis::test {

/// The client's transport straight into a simulator: no sockets, no real time.
///
/// Faults of the wire become the errors a real transport would return; a
/// latency is slept on the clock, if there is one. Borrows everything.
class SimulatorTransport final : public api::HttpTransport {
 public:
  explicit SimulatorTransport(simulator::Simulator& simulator, Clock* clock = nullptr)
      : simulator_(simulator), clock_(clock) {}

  Result<api::HttpResponse> Send(const api::HttpRequest& request,
                                 const std::stop_token& stop) override {
    if (before_request) {
      before_request();
    }
    ++requests;
    received_ = 0;
    if (stop.stop_requested()) {
      return Error{ErrorKind::kCancelled, "stopping"};
    }
    simulator::Reply reply =
        simulator_.Handle({request.method, rewrite ? rewrite(request.target) : request.target,
                           request.headers, request.body});
    if (clock_ != nullptr && reply.delivery.latency.count() > 0 &&
        !clock_->SleepFor(reply.delivery.latency, stop)) {
      return Error{ErrorKind::kCancelled, "stopping"};
    }
    if (const auto error = FailureOf(reply.delivery.wire)) {
      return Error{*error, "simulated fault of the wire"};
    }
    received_ = reply.body.size();
    return api::HttpResponse{reply.status, std::move(reply.headers), std::move(reply.body)};
  }

  std::size_t Received() const override { return received_; }

  std::function<void()> before_request;
  std::function<std::string(std::string)> rewrite;  ///< What the server takes a target for.
  std::uint64_t requests = 0;                       ///< Sent so far.

 private:
  static std::optional<ErrorKind> FailureOf(simulator::Wire wire) {
    using simulator::Wire;
    switch (wire) {
      case Wire::kWhole:
      case Wire::kTrailingGarbage:
      case Wire::kCloseAfterReply:
        return std::nullopt;
      case Wire::kHangUp:
      case Wire::kReset:
      case Wire::kResetInHeaders:
        return ErrorKind::kNetwork;
      case Wire::kDripHeaders:
      case Wire::kDripBody:
      case Wire::kStallBeforeReply:
      case Wire::kStallInBody:
        return ErrorKind::kTimeout;
      case Wire::kCutBody:
      case Wire::kCutChunk:
      case Wire::kBadChunkSize:
      case Wire::kHugeChunkSize:
      case Wire::kHugeBody:
      case Wire::kEndlessBody:
      case Wire::kEndlessHeader:
      case Wire::kManyHeaders:
      case Wire::kHugeHeader:
        return ErrorKind::kInvalidResponse;
    }
    return std::nullopt;
  }

  simulator::Simulator& simulator_;
  Clock* clock_;
  std::size_t received_ = 0;
};

}  // namespace acronis::test
