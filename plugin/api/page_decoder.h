#pragma once

#include <string>

#include "plugin/api/task_client.h"
#include "plugin/core/result.h"

namespace acronis::api {

class ParserPool;

/// Turns the body of `GET /tasks` into a TaskPage, all of it or nothing.
///
/// Strict where a mistake would change a count: the body must be one valid JSON
/// object, `items` an array, a cursor a text. A record without
/// what `use` requires lands in TaskPage::invalid and the others count. Lenient
/// elsewhere: an optional field that is absent, null, empty, of another type or
/// not a valid time is taken as absent; unknown fields are ignored and unknown
/// enum values kept. Of keys written twice the first counts, but a second `items`,
/// `paging`, `cursors` or `after` refuses the page: it could hide tasks.
///
/// Invalid UTF-8 is replaced by U+FFFD before any of this is looked at, and counted in
/// TaskPage::repaired: a name in another encoding must not hide the tasks around it. A body with
/// more than one such piece in kBytesPerRepair bytes is no text, and a cursor that would have to be
/// repaired leads nowhere: both refuse the page.
///
/// More than kMaxRecords records, a hundred times what may be asked for, refuse the page: tiny ones
/// would take many times the memory of the body.
///
/// Fills server_time from `timeStamp` alone. Thread-safe. The large buffers that parsing needs are
/// shared by the whole process and reused: many accounts are polled, few decode at the same time.
class PageDecoder {
 public:
  static constexpr std::size_t kBytesPerRepair = 10;
  static constexpr std::size_t kMaxRecords = 100'000;

  PageDecoder();

  /// Errors are kInvalidResponse.
  Result<TaskPage> Decode(const std::string& body, PageUse use) const;

 private:
  ParserPool& parsers_;
};

}  // namespace acronis::api
