#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "plugin/core/clock.h"
#include "plugin/core/logger.h"
#include "plugin/core/options.h"
#include "plugin/core/result.h"
#include "plugin/core/task.h"

namespace acronis {

/// What to read, in the words of the API.
struct TaskReadRequest {
  std::vector<std::pair<std::string, std::string>> filters{};  ///< `completedAt`, `gt(...)`.
  std::string order{};                                         ///< `asc(completedAt)`.
  std::string lod{};
  int page_size = 500;
  std::uint64_t max_tasks = 0;  ///< 0: all.
  std::string user_agent{};
};

/// One step of a read: the page's tasks, in the order of the API.
struct TaskReadPage {
  const std::vector<Task>& tasks;
  std::uint64_t invalid = 0;  ///< Records of this page that could not be used.
};

/// Checks filters, order, level of detail and page size by the rules of the API, without sending
/// anything. The error names the field and what is accepted.
Status CheckReadRequest(const TaskReadRequest& request);

/// Reads tasks once, page by page, without counting them: the other narrow face
/// of the fetcher, for people rather than for metrics.
///
/// Calls `sink` for each page on the calling thread and holds one page at a
/// time. A filter that the API does not have is refused before anything is sent.
Status ReadTasks(const AccountOptions& account, const TaskReadRequest& request, Clock& clock,
                 Logger& log, const std::function<void(const TaskReadPage&)>& sink,
                 const std::stop_token& stop);

}  // namespace acronis
