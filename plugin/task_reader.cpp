#include "plugin/task_reader.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "plugin/api/account_api.h"
#include "plugin/api/task_client.h"
#include "plugin/api/task_query.h"
#include "plugin/core/telemetry.h"

namespace acronis {
namespace {

Result<api::TaskQuery> MakeQuery(const TaskReadRequest& request) {
  api::TaskQuery query;
  for (const auto& [field, value] : request.filters) {
    if (auto added = query.AddFilter(field, value); !added) {
      return std::move(added).error();
    }
  }
  if (!request.order.empty()) {
    if (auto set = query.SetOrder(request.order); !set) {
      return std::move(set).error();
    }
  }
  if (auto set = query.SetLod(request.lod); !set) {
    return std::move(set).error();
  }
  const auto page_size = static_cast<std::uint64_t>(std::max(request.page_size, 0));
  const bool one_page_will_do = request.max_tasks > 0 && request.max_tasks < page_size;
  const auto limit = one_page_will_do ? request.max_tasks : page_size;
  if (auto set = query.SetLimit(static_cast<int>(limit)); !set) {
    return std::move(set).error();
  }
  return query;
}

/// Hands the page on, at most `left` tasks of it, and takes them off `left`.
void Deliver(api::TaskPage& page, std::uint64_t& left,
             const std::function<void(const TaskReadPage&)>& sink) {
  if (page.tasks.size() > left) {
    page.tasks.resize(static_cast<std::size_t>(left));
  }
  left -= page.tasks.size();
  sink({page.tasks, page.invalid.size()});
}

}  // namespace

Status CheckReadRequest(const TaskReadRequest& request) {
  auto query = MakeQuery(request);
  if (!query) {
    return std::move(query).error();
  }
  return Ok{};
}

// NOLINTNEXTLINE(readability-function-size): six roles, each of a type of its own.
Status ReadTasks(const AccountOptions& account, const TaskReadRequest& request, Clock& clock,
                 Logger& log, const std::function<void(const TaskReadPage&)>& sink,
                 const std::stop_token& stop) {
  auto query = MakeQuery(request);
  if (!query) {
    return std::move(query).error();
  }
  Telemetry telemetry;  // Reading for people is not measured.
  const auto opened = api::AccountApi::Open(account, request.user_agent, {clock, log, telemetry});
  if (!opened) {
    return opened.error();
  }
  (*opened)->SharedTraffic().BeginCycle();
  constexpr auto kUnbounded = std::numeric_limits<std::uint64_t>::max();
  api::TaskWalk walk((*opened)->Client(), std::move(query).value(), api::PageUse::kListing,
                     kUnbounded);
  std::uint64_t left = request.max_tasks == 0 ? kUnbounded : request.max_tasks;
  while (left > 0) {
    auto page = walk.Next(stop);
    if (!page) {
      return std::move(page).error();
    }
    if (!*page) {
      break;
    }
    Deliver(**page, left, sink);
  }
  return Ok{};
}

}  // namespace acronis
