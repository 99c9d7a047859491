#include "plugin/api/traffic.h"

#include <algorithm>
#include <cctype>
#include <memory>
#include <random>
#include <utility>

#include <Poco/String.h>

namespace acronis::api {
namespace {

/// True when `text` has `word` as a word of its own: `limit`, but not `unlimited`.
bool Names(const std::string& text, std::string_view word) {
  const std::string lower = Poco::toLower(text);
  const auto is_letter = [&lower](std::size_t at) {
    return at < lower.size() && (std::isalnum(static_cast<unsigned char>(lower[at])) != 0);
  };
  for (auto at = lower.find(word); at != std::string::npos; at = lower.find(word, at + 1)) {
    if ((at == 0 || !is_letter(at - 1)) && !is_letter(at + word.size())) {
      return true;
    }
  }
  return false;
}

}  // namespace

Traffic::Traffic(std::string account, int max_requests_per_minute, Deps deps)
    : account_(std::move(account)),
      deps_(std::move(deps)),
      limiter_(account_, max_requests_per_minute, deps_.clock, deps_.telemetry) {}

std::function<double()> Traffic::RandomJitter() {
  auto random = std::make_shared<std::mt19937_64>(std::random_device{}());
  return [random] { return std::generate_canonical<double, 32>(*random); };
}

void Traffic::BeginCycle() {
  const std::lock_guard lock(mutex_);
  ++cycle_;
  budget_ = {.transfers = 0, .waiting = kCycleWaiting};
  granted_ = false;
}

std::uint64_t Traffic::Cycle() const {
  const std::lock_guard lock(mutex_);
  return cycle_;
}

void Traffic::NoteSuccess() {
  const std::lock_guard lock(mutex_);
  failing_.reset();
  if (!std::exchange(granted_, true)) {
    budget_.transfers = kTransferRetries;
  }
}

bool Traffic::NoteFailure(ErrorKind kind) {
  const std::lock_guard lock(mutex_);
  return std::exchange(failing_, kind) != kind;
}

RetryPlan Traffic::Plan(const Error& error, int retries) {
  const std::lock_guard lock(mutex_);
  const RetryPlan plan = PlanRetry({.kind = error.kind,
                                    .http_status = error.http_status,
                                    .retries = retries,
                                    .retry_after = error.retry_after},
                                   budget_, deps_.jitter());
  if (error.kind == ErrorKind::kRateLimited) {
    ++times_throttled_;
  }
  if (plan.again) {
    budget_.transfers -= plan.transfers_spent;
    budget_.waiting -=
        error.kind == ErrorKind::kRateLimited ? plan.wait : std::chrono::nanoseconds(0);
  }
  return plan;
}

bool Traffic::WaitToRetry(const Error& error, int retries, const CallBounds& bounds) {
  const RetryPlan plan = Plan(error, retries);
  const bool asked_to_wait = error.kind == ErrorKind::kRateLimited;
  if (asked_to_wait) {
    limiter_.HoldBack(plan.wait);
  }
  if (!plan.again || bounds.EndWithin(plan.wait, deps_.clock.Monotonic())) {
    return false;
  }
  deps_.telemetry.Retried(account_, error.kind);
  // The hold is waited for by whoever sends next, and counted there.
  return asked_to_wait || deps_.clock.SleepFor(plan.wait, bounds.stop);
}

std::uint64_t Traffic::TimesThrottled() const {
  const std::lock_guard lock(mutex_);
  return times_throttled_;
}

TaskQuery Traffic::Fit(TaskQuery query) const {
  const std::lock_guard lock(mutex_);
  if (!sorts_) {
    query.DropOrder();
  }
  if (most_per_page_) {
    query.LimitTo(*most_per_page_);
  }
  return query;
}

bool Traffic::LearnFrom(const Error& refusal, const TaskQuery& query, bool first_page) {
  if (refusal.kind != ErrorKind::kBadRequest || refusal.http_status != 400) {
    return false;
  }
  const std::lock_guard lock(mutex_);
  if (first_page && query.HasOrder() && Names(refusal.message, "order")) {
    if (std::exchange(sorts_, false)) {
      deps_.log.Warn("server does not take 'order', asked without it from now on",
                     {{"account", account_}, {"error", refusal.message}});
    }
    return true;
  }
  if (query.Limit() > 1 && Names(refusal.message, "limit")) {
    const bool first = !most_per_page_;
    most_per_page_ = std::min(most_per_page_.value_or(query.Limit()), query.Limit() / 2);
    if (first) {
      deps_.log.Warn("server does not take this 'limit', halved until it does",
                     {{"account", account_},
                      {"limit", std::to_string(query.Limit())},
                      {"error", refusal.message}});
    }
    return true;
  }
  return false;
}

bool Traffic::Sorts() const {
  const std::lock_guard lock(mutex_);
  return sorts_;
}

}  // namespace acronis::api
