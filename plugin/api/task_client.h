#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "plugin/api/call_bounds.h"
#include "plugin/api/task_query.h"
#include "plugin/api/token_source.h"
#include "plugin/api/traffic.h"
#include "plugin/api/transport.h"
#include "plugin/core/clock.h"
#include "plugin/core/logger.h"
#include "plugin/core/result.h"
#include "plugin/core/task.h"
#include "plugin/core/telemetry.h"

namespace acronis::api {

class PageDecoder;

/// A record that could not be used; the rest of its page counts.
struct InvalidRecord {
  std::string id;  ///< As far as it could be read; may be empty.
  std::string reason;
};

/// One page of `GET /tasks`.
struct TaskPage {
  std::vector<Task> tasks{};
  std::vector<InvalidRecord> invalid{};
  /// The smaller of the `Date` header and the body's `timeStamp`; empty when the reply had neither.
  std::optional<TimePoint> server_time{};
  /// Pieces of invalid UTF-8 in the reply that U+FFFD stands for now, in whatever field.
  std::uint64_t repaired = 0;
  /// Opaque, never empty when present.
  std::optional<std::string> next_cursor{};

  std::size_t Records() const { return tasks.size() + invalid.size(); }
};

/// Which fields the decoder fills, and which records it accepts.
enum class PageUse {
  kCounting,  ///< Completed tasks: an id and a completion time are required.
  kInFlight,  ///< Tasks not yet completed: an id is required.
  kListing,   ///< For people: an id is required; type, tenant and details are filled, too.
};

/// A session that reads task pages of one account: adds the token, renews it once when it is
/// refused, turns statuses into errors, decodes the body, reports to Telemetry.
///
/// With a Traffic it keeps to the account's request limit, repeats what is worth it
/// (retry_policy.h), and leaves `order` out or halves `limit` once the server has refused them. A
/// cursor that the server refuses (400, 404 or 410 to a later page) is kCursor.
/// Borrows everything for its life. One thread at a time; a Traffic and a TokenSource may be shared
/// by several.
class TaskClient {
 public:
  struct Deps {
    HttpTransport& transport;
    TokenSource& tokens;
    Clock& clock;
    Logger& log;
    Telemetry& telemetry;
    Traffic* traffic = nullptr;  ///< None: no limit, and every request is sent once.
  };

  TaskClient(std::string account, Deps deps);
  ~TaskClient();
  TaskClient(const TaskClient&) = delete;
  TaskClient& operator=(const TaskClient&) = delete;

  /// The first page of `query` (cursor empty), or the page behind `cursor`.
  Result<TaskPage> FetchPage(const TaskQuery& query, const std::optional<std::string>& cursor,
                             PageUse use, const CallBounds& bounds);

  /// False if the pages come in an order of the server's own.
  bool ServerSorts() const { return deps_.traffic == nullptr || deps_.traffic->Sorts(); }

 private:
  Result<TaskPage> TryPage(const TaskQuery& query, const std::optional<std::string>& cursor,
                           PageUse use, const CallBounds& bounds);
  /// One exchange with the token in use; renews it once when it is refused.
  Result<HttpResponse> Get(const std::string& target, const CallBounds& bounds);
  Result<HttpResponse> GetOnce(const std::string& target, const Secret& token,
                               const CallBounds& bounds);
  Result<HttpResponse> Send(const HttpRequest& request, const CallBounds& bounds);
  Result<TaskPage> ReadPage(const HttpResponse& response, PageUse use);
  Result<HttpResponse> CheckResponse(HttpResponse response);
  void LogFailure(const HttpResponse* response, const Error& error);
  void NoteRepair(std::uint64_t replacements);
  void LogInvalid(const std::vector<InvalidRecord>& records);

  std::string account_;
  Deps deps_;
  std::unique_ptr<PageDecoder> decoder_;
  std::string request_id_;                ///< Of the last request.
  bool without_token_ = false;            ///< The last try ended before it was sent.
  std::set<std::string> logged_invalid_;  ///< Bounded.
  bool warned_of_repair_ = false;
};

/// The pages of one query, in order.
///
/// Ends after the page without a cursor. An empty page with a cursor is
/// followed. A cursor that was seen before, or more than `max_pages` pages,
/// ends the walk with kCursor.
class TaskWalk {
 public:
  TaskWalk(TaskClient& client, TaskQuery query, PageUse use, std::uint64_t max_pages);

  /// The next page; empty after the last one. After an error the walk is over.
  Result<std::optional<TaskPage>> Next(const CallBounds& bounds);

 private:
  TaskClient& client_;
  TaskQuery query_;
  PageUse use_;
  std::uint64_t max_pages_;
  std::uint64_t pages_ = 0;
  bool over_ = false;
  std::optional<std::string> cursor_;
  std::unordered_set<std::size_t> seen_cursors_;  ///< Hashes: a walk may have many pages.
};

}  // namespace acronis::api
