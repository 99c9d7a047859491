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
constexpr int kUnauthorized = 401;

Error Cancelled() {
  return {ErrorKind::kCancelled, "task query: stopped"};
}

/// Only what says that it is something else is refused: the parser decides about the rest.
bool SaysItIsNotJson(const HttpResponse& response) {
  const std::string type = Poco::toLower(std::string(response.Header("Content-Type")));
  return !type.empty() && type.find("json") == std::string::npos;
}

bool IsFailure(const HttpResponse& response) {
  return response.status != 200 || SaysItIsNotJson(response);
}

/// A later page that is refused with 400, 404 or 410: the cursor has expired or was never valid.
Error ForCaller(Error error, bool later_page) {
  const int status = error.http_status;
  if (later_page && (status == 400 || status == 404 || status == 410)) {
    error.kind = ErrorKind::kCursor;
  }
  return error;
}

}  // namespace

TaskClient::TaskClient(std::string account, Deps deps)
    : account_(std::move(account)), deps_(deps), decoder_(std::make_unique<PageDecoder>()) {}

TaskClient::~TaskClient() = default;

Result<TaskPage> TaskClient::FetchPage(const TaskQuery& query,
                                       const std::optional<std::string>& cursor, PageUse use,
                                       const CallBounds& bounds) {
  for (int retries = 0;;) {
    const TaskQuery fitting = deps_.traffic != nullptr ? deps_.traffic->Fit(query) : query;
    auto page = TryPage(fitting, cursor, use, bounds);
    if (page || without_token_) {
      return page;  // Who gives out tokens has tried again already.
    }
    if (deps_.traffic != nullptr && deps_.traffic->LearnFrom(page.error(), fitting, !cursor)) {
      continue;
    }
    if (deps_.traffic == nullptr || !deps_.traffic->WaitToRetry(page.error(), retries++, bounds)) {
      return ForCaller(std::move(page).error(), cursor.has_value());
    }
  }
}

Result<TaskPage> TaskClient::TryPage(const TaskQuery& query,
                                     const std::optional<std::string>& cursor, PageUse use,
                                     const CallBounds& bounds) {
  const auto response =
      Get(cursor ? query.NextPageTarget(*cursor) : query.FirstPageTarget(), bounds);
  return response ? ReadPage(*response, use) : Result<TaskPage>(response.error());
}

Result<HttpResponse> TaskClient::Get(const std::string& target, const CallBounds& bounds) {
  auto token = deps_.tokens.Token(bounds);
  without_token_ = !token;
  if (!token) {
    return std::move(token).error();
  }
  auto response = GetOnce(target, *token, bounds);
  if (response || response.error().http_status != kUnauthorized) {
    return response;
  }
  deps_.tokens.Refused(*token);
  token = deps_.tokens.Token(bounds);
  without_token_ = !token;
  if (!token) {
    return std::move(token).error();
  }
  deps_.telemetry.Retried(account_, ErrorKind::kAuth);
  response = GetOnce(target, *token, bounds);
  if (!response && response.error().http_status == kUnauthorized) {
    deps_.tokens.Refused(*token);
  }
  return response;
}

Result<HttpResponse> TaskClient::GetOnce(const std::string& target, const Secret& token,
                                         const CallBounds& bounds) {
  if (deps_.traffic != nullptr) {
    if (auto admitted = deps_.traffic->Admit(bounds); !admitted) {
      return std::move(admitted).error();
    }
  }
  request_id_ = NewRequestId();
  HttpRequest request;
  request.target = target;
  request.headers = {{"Authorization", "Bearer " + token.Reveal()},
                     {"Accept", "application/json"},
                     {kRequestIdHeader, request_id_}};
  if (bounds.give_up_at) {
    request.timeout = *bounds.give_up_at - deps_.clock.Monotonic();
  }
  auto response = Send(request, bounds);
  WipeString(request.headers.front().second);
  if (response && IsFailure(*response)) {
    Conceal(*response, {&token, 1});
  }
  return response ? CheckResponse(std::move(response).value()) : response;
}

Result<HttpResponse> TaskClient::Send(const HttpRequest& request, const CallBounds& bounds) {
  const auto before = deps_.clock.Monotonic();
  auto response = deps_.transport.Send(request, bounds.stop);
  const auto now = deps_.clock.Monotonic();
  if (response) {
    deps_.telemetry.RequestDone(account_, Endpoint::kTasks, response->status, now - before,
                                deps_.transport.Received());
    return response;
  }
  if (response.error().kind == ErrorKind::kCancelled) {
    return response;
  }
  deps_.telemetry.RequestDone(account_, Endpoint::kTasks, 0, now - before,
                              deps_.transport.Received());
  if (bounds.EndWithin({}, now)) {
    return Cancelled();
  }
  LogFailure(nullptr, response.error());
  return response;
}

Result<HttpResponse> TaskClient::CheckResponse(HttpResponse response) {
  const TimePoint now = deps_.clock.Now();
  if (const auto date = ParseHttpDate(response.Header("Date"))) {
    deps_.telemetry.ClockSkew(account_, *date - now);
  }
  if (!IsFailure(response)) {
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
  if (deps_.traffic != nullptr) {
    deps_.traffic->NoteSuccess();
  }
  deps_.telemetry.PageRead(account_);
  NoteRepair(page->repaired);
  LogInvalid(page->invalid);
  return page;
}

void TaskClient::LogFailure(const HttpResponse* response, const Error& error) {
  const auto fields = FailureFields(account_, error, request_id_, response);
  if (deps_.traffic == nullptr || deps_.traffic->NoteFailure(error.kind)) {
    deps_.log.Info("task request failed", fields);
  } else {
    deps_.log.Debug("task request failed again", fields);
  }
}

void TaskClient::NoteRepair(std::uint64_t replacements) {
  if (replacements == 0) {
    return;
  }
  deps_.telemetry.PageRepaired(account_);
  deps_.log.Log(warned_of_repair_ ? LogLevel::kDebug : LogLevel::kWarn,
                "task page was not valid UTF-8 and was repaired",
                {{"account", account_}, {"replacements", std::to_string(replacements)}});
  warned_of_repair_ = true;
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
