#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "plugin/core/telemetry.h"

namespace acronis::fakes {

/// Keeps what the remote side of the fetcher reported, one line a call. Thread-safe.
class CallRecorder final : public Telemetry {
 public:
  void RequestDone(std::string_view account, Endpoint endpoint, int status,
                   std::chrono::nanoseconds, std::size_t received) override {
    Add("request " + std::string(account) + (endpoint == Endpoint::kToken ? " token " : " tasks ") +
        std::to_string(status) + " " + std::to_string(received));
  }
  void Retried(std::string_view account, ErrorKind reason) override {
    Add("retried " + std::string(account) + " " + std::string(ToLabel(reason)));
  }
  void Throttled(std::string_view account, std::chrono::nanoseconds waited) override {
    Add("throttled " + std::string(account) + " " + std::to_string(waited.count()));
  }
  void TokenRefreshed(std::string_view account, bool success,
                      std::optional<TimePoint> expires_at) override {
    Add("token " + std::string(account) + (success ? " success" : " error") +
        (expires_at ? " " + std::to_string(std::chrono::floor<std::chrono::seconds>(*expires_at)
                                               .time_since_epoch()
                                               .count())
                    : ""));
  }
  void PageRead(std::string_view account) override { Add("page " + std::string(account)); }
  void PageRepaired(std::string_view account) override { Add("repaired " + std::string(account)); }
  void ClockSkew(std::string_view account, std::chrono::nanoseconds skew) override {
    Add("skew " + std::string(account) + " " + std::to_string(skew.count()));
  }

  std::vector<std::string> Calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

 private:
  void Add(std::string call) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(call));
  }

  mutable std::mutex mutex_;
  std::vector<std::string> calls_;
};

}  // namespace acronis::fakes
