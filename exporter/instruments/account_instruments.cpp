#include "exporter/instruments/account_instruments.h"

#include <utility>

namespace acronis::exporter {
namespace {

constexpr int kStatusOk = 200;
constexpr int kLowestStatus = 100;
constexpr int kHighestStatus = 599;

/// Reasons for which the fetcher repeats a request.
constexpr std::array kRetryReasons = {
    ErrorKind::kRateLimited, ErrorKind::kServerError, ErrorKind::kTimeout,
    ErrorKind::kNetwork,     ErrorKind::kAuth,
};

const prometheus::Histogram::BucketBoundaries& ArrivalBounds() {
  static const prometheus::Histogram::BucketBoundaries bounds{
      1, 5, 15, 60, 300, 900, 3600, 21600, 86400, 259200, 604800};
  return bounds;
}

}  // namespace

const prometheus::Histogram::BucketBoundaries& OperationBounds() {
  static const prometheus::Histogram::BucketBoundaries bounds{
      0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300};
  return bounds;
}

double ToSeconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

EventGauge::EventGauge(GaugeFamily& family, prometheus::Labels labels)
    : family_(family), labels_(std::move(labels)) {}

void EventGauge::Set(double value) {
  prometheus::Gauge* gauge = gauge_.load(std::memory_order_acquire);
  if (gauge != nullptr) {
    gauge->Set(value);
    return;
  }
  // Two first events at once get the same gauge from the family.
  gauge = &family_.Add(labels_, value);
  gauge->Set(value);
  gauge_.store(gauge, std::memory_order_release);
}

AccountInstruments::AccountInstruments(const std::string& account, Families& families)
    : account_(account),
      families_(families),
      polls_success_(families.polls.Add({{"account", account}, {"result", "success"}})),
      polls_error_(families.polls.Add({{"account", account}, {"result", "error"}})),
      poll_duration_(families.poll_duration.Add({{"account", account}}, OperationBounds())),
      last_successful_poll_(families.last_successful_poll, {{"account", account}}),
      token_(MakeEndpoint("token")),
      tasks_(MakeEndpoint("tasks")),
      received_bytes_(families.api_received_bytes.Add({{"account", account}})),
      pages_(families.api_pages.Add({{"account", account}})),
      pages_repaired_(families.api_pages_repaired.Add({{"account", account}})),
      throttled_(families.api_throttled.Add({{"account", account}})),
      token_success_(families.token_refreshes.Add({{"account", account}, {"result", "success"}})),
      token_error_(families.token_refreshes.Add({{"account", account}, {"result", "error"}})),
      token_expiry_(families.token_expiry, {{"account", account}}),
      clock_skew_(families.clock_skew, {{"account", account}}),
      arrival_delay_(families.arrival_delay.Add({{"account", account}}, ArrivalBounds())) {
  for (const ErrorKind kind : kPollFailureKinds) {
    Failures(kind);
  }
  for (const ErrorKind kind : kRetryReasons) {
    Retries(kind);
  }
}

void AccountInstruments::RequestDone(Endpoint endpoint, int status,
                                     std::chrono::nanoseconds duration, std::size_t received) {
  ++beats_;
  const EndpointInstruments& instruments = endpoint == Endpoint::kToken ? token_ : tasks_;
  Requests(instruments, status).Increment();
  instruments.duration.Observe(ToSeconds(duration));
  received_bytes_.Increment(static_cast<double>(received));
}

void AccountInstruments::Retried(ErrorKind reason) {
  ++beats_;
  Retries(reason).Increment();
}

void AccountInstruments::Throttled(std::chrono::nanoseconds waited) {
  ++beats_;
  throttled_.Increment(ToSeconds(waited));
}

void AccountInstruments::TokenRefreshed(bool success, std::optional<TimePoint> expires_at) {
  (success ? token_success_ : token_error_).Increment();
  if (expires_at) {
    token_expiry_.Set(ToUnixSeconds(*expires_at));
  }
}

void AccountInstruments::PageRepaired() {
  pages_repaired_.Increment();
}

void AccountInstruments::PageRead() {
  pages_.Increment();
}

void AccountInstruments::PollDone(std::optional<ErrorKind> failure,
                                  std::chrono::nanoseconds duration, TimePoint finished_at) {
  ++beats_;
  if (failure == ErrorKind::kCancelled) {
    return;
  }
  poll_duration_.Observe(ToSeconds(duration));
  if (failure) {
    polls_error_.Increment();
    Failures(*failure).Increment();
  } else {
    polls_success_.Increment();
    last_successful_poll_.Set(ToUnixSeconds(finished_at));
  }
}

void AccountInstruments::ClockSkew(std::chrono::nanoseconds skew) {
  clock_skew_.Set(ToSeconds(skew));
}

void AccountInstruments::TaskArrived(std::chrono::nanoseconds delay) {
  arrival_delay_.Observe(ToSeconds(delay));
}

AccountInstruments::EndpointInstruments AccountInstruments::MakeEndpoint(const std::string& name) {
  const auto requests = [&](const std::string& code) -> prometheus::Counter& {
    return families_.api_requests.Add({{"account", account_}, {"endpoint", name}, {"code", code}});
  };
  return {name, requests("200"), requests("error"),
          families_.api_request_duration.Add({{"account", account_}, {"endpoint", name}},
                                             OperationBounds())};
}

// Failures, retries and unusual statuses are rare: they are looked up each time.

prometheus::Counter& AccountInstruments::Failures(ErrorKind reason) {
  return families_.poll_failures.Add(
      {{"account", account_}, {"reason", std::string(ToLabel(reason))}});
}

prometheus::Counter& AccountInstruments::Retries(ErrorKind reason) {
  return families_.api_retries.Add(
      {{"account", account_}, {"reason", std::string(ToLabel(reason))}});
}

prometheus::Counter& AccountInstruments::Requests(const EndpointInstruments& endpoint, int status) {
  if (status == kStatusOk) {
    return endpoint.ok;
  }
  // A number that is no status is no answer; it must not become a label value.
  if (status < kLowestStatus || status > kHighestStatus) {
    return endpoint.no_answer;
  }
  return families_.api_requests.Add(
      {{"account", account_}, {"endpoint", endpoint.name}, {"code", std::to_string(status)}});
}

}  // namespace acronis::exporter
