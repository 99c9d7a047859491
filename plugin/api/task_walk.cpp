#include <functional>
#include <utility>

#include "plugin/api/task_client.h"

namespace acronis::api {

TaskWalk::TaskWalk(TaskClient& client, TaskQuery query, PageUse use, std::uint64_t max_pages)
    : client_(client), query_(std::move(query)), use_(use), max_pages_(max_pages) {}

Result<std::optional<TaskPage>> TaskWalk::Next(const CallBounds& bounds) {
  if (over_) {
    return std::optional<TaskPage>();
  }
  over_ = true;  // Until there is a cursor to go on with.
  if (pages_ == max_pages_) {
    return Error{ErrorKind::kCursor,
                 "page walk: no end after " + std::to_string(max_pages_) + " pages"};
  }
  auto page = client_.FetchPage(query_, cursor_, use_, bounds);
  if (!page) {
    return std::move(page).error();
  }
  ++pages_;
  cursor_ = page->next_cursor;
  if (!cursor_) {
    return std::optional<TaskPage>(std::move(page).value());
  }
  if (!seen_cursors_.insert(std::hash<std::string>()(*cursor_)).second) {
    return Error{ErrorKind::kCursor, "page walk: page " + std::to_string(pages_) +
                                         " leads back to a page that was read before"};
  }
  over_ = false;
  return std::optional<TaskPage>(std::move(page).value());
}

}  // namespace acronis::api
