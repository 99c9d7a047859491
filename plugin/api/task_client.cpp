#include "plugin/api/task_client.h"

#include <algorithm>
#include <utility>

#include <Poco/String.h>

#include "plugin/api/error_body.h"
#include "plugin/api/page_decoder.h"
#include "plugin/api/request_id.h"
#include "plugin/core/time_format.h"

namespace acronis::api {
namespace {

/// Beyond this many records that were complained about, the log falls silent.
constexpr std::size_t kMaxLoggedInvalid = 1000;

Error Cancelled() {
  return {ErrorKind::kCancelled, "task query: stopped"};
}

/// Only what says that it is something else is refused: the parser decides about the rest.
bool SaysItIsNotJson(const HttpResponse& response) {
  const std::string type = Poco::toLower(std::string(response.Header("Content-Type")));
  return !type.empty() && type.find("json") == std::string::npos;
}

/// A later page that is refused like this: the cursor has expired or was never valid.
bool RefusesCursor(int status) {
  return status == 400 || status == 404 || status == 410;
}

}  // namespace

TaskClient::TaskClient(std::string account, Deps deps)
    : account_(std::move(account)), deps_(deps), decoder_(std::make_unique<PageDecoder>()) {}

TaskClient::~TaskClient() = default;

Result<TaskPage> TaskClient::FetchPage(const TaskQuery& query,
                                       const std::optional<std::string>& cursor, PageUse use,
                                       const std::stop_token& stop) {
  const auto response = Get(cursor ? query.NextPageTarget(*cursor) : query.FirstPageTarget(), stop);
  if (response) {
    return ReadPage(*response, use);
  }
  Error error = response.error();
  if (cursor && RefusesCursor(error.http_status)) {
    error.kind = ErrorKind::kCursor;
  }
  return error;
}

Result<HttpResponse> TaskClient::Get(const std::string& target, const std::stop_token& stop) {
  auto token = deps_.tokens.Token(stop);
  if (!token) {
    return std::move(token).error();
  }
  auto response = GetOnce(target, *token, stop);
  if (response || response.error().http_status != 401) {
    return response;
  }
  deps_.tokens.Refused(*token);
  token = deps_.tokens.Token(stop);
  if (!token) {
    return std::move(token).error();
  }
  deps_.telemetry.Retried(account_, ErrorKind::kAuth);
  return GetOnce(target, *token, stop);
}

Result<HttpResponse> TaskClient::GetOnce(const std::string& target, const Secret& token,
                                         const std::stop_token& stop) {
  if (deps_.limiter != nullptr && !deps_.limiter->Acquire(stop)) {
    return Cancelled();
  }
  request_id_ = NewRequestId();
  HttpRequest request;
  request.target = target;
  request.headers = {{"Authorization", "Bearer " + token.Reveal()},
                     {"Accept", "application/json"},
                     {kRequestIdHeader, request_id_}};
  const auto before = deps_.clock.Monotonic();
  auto response = deps_.transport.Send(request, stop);
  WipeString(request.headers.front().second);
  const auto took = deps_.clock.Monotonic() - before;
  if (!response) {
    if (response.error().kind != ErrorKind::kCancelled) {
      deps_.telemetry.RequestDone(account_, Endpoint::kTasks, 0, took, 0);
      LogFailure(nullptr, response.error());
    }
    return response;
  }
  deps_.telemetry.RequestDone(account_, Endpoint::kTasks, response->status, took,
                              response->body.size());
  return CheckResponse(std::move(response).value());
}

Result<HttpResponse> TaskClient::CheckResponse(HttpResponse response) {
  const TimePoint now = deps_.clock.Now();
  if (const auto date = ParseHttpDate(response.Header("Date"))) {
    deps_.telemetry.ClockSkew(account_, *date - now);
  }
  if (response.status == 200 && !SaysItIsNotJson(response)) {
    return response;
  }
  Error error = StatusError("task query", response, now);
  if (response.status == 200) {
    error = {ErrorKind::kInvalidResponse,
             "task query: the answer is not JSON but " +
                 ReadErrorBody(response.Header("Content-Type")) + ": " +
                 ReadErrorBody(response.body),
             std::nullopt, response.status};
  }
  LogFailure(&response, error);
  return error;
}

Result<TaskPage> TaskClient::ReadPage(const HttpResponse& response, PageUse use) {
  auto page = decoder_->Decode(response.body, use);
  if (!page) {
    Error error = std::move(page).error();
    error.http_status = response.status;
    LogFailure(&response, error);
    return error;
  }
  if (const auto date = ParseHttpDate(response.Header("Date"))) {
    page->server_time = std::min(page->server_time.value_or(*date), *date);
  }
  deps_.telemetry.PageRead(account_);
  LogInvalid(page->invalid);
  return page;
}

void TaskClient::LogFailure(const HttpResponse* response, const Error& error) {
  deps_.log.Info("task request failed", FailureFields(account_, error, request_id_, response));
}

void TaskClient::LogInvalid(const std::vector<InvalidRecord>& records) {
  for (const auto& record : records) {
    if (logged_invalid_.size() >= kMaxLoggedInvalid) {
      return;
    }
    if (logged_invalid_.insert(record.id + ": " + record.reason).second) {
      deps_.log.Warn("task record cannot be used",
                     {{"account", account_}, {"id", record.id}, {"reason", record.reason}});
    }
  }
}

}  // namespace acronis::api
