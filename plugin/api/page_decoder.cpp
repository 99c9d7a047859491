#include "plugin/api/page_decoder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <simdjson.h>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "plugin/api/json_access.h"
#include "plugin/api/task_details.h"
#include "plugin/core/time_format.h"
#include "plugin/core/utf8.h"

namespace acronis::api {

namespace dom = simdjson::dom;

/// The parsers of the process; each has buffers as large as the largest page it met.
class ParserPool {
 public:
  ParserPool() { free_.reserve(most_kept_); }

  static ParserPool& Shared() {
    static ParserPool pool;
    return pool;
  }

  std::unique_ptr<dom::parser> Take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) {
      return std::make_unique<dom::parser>();
    }
    auto parser = std::move(free_.back());
    free_.pop_back();
    return parser;
  }

  /// What is too large, or more than can be busy at the same time, is not kept.
  void Return(std::unique_ptr<dom::parser> parser) {
    const std::lock_guard lock(mutex_);
    if (parser->capacity() <= kKeptCapacity && free_.size() < most_kept_) {
      free_.push_back(std::move(parser));
    }
  }

 private:
  /// Buffers of an exceptionally large page are not kept for the next one.
  static constexpr std::size_t kKeptCapacity = std::size_t{16} << 20U;

  const std::size_t most_kept_ = std::max(1U, std::thread::hardware_concurrency());
  std::mutex mutex_;
  std::vector<std::unique_ptr<dom::parser>> free_;  // Guarded by mutex_.
};

namespace {

constexpr std::size_t kMaxLoggedId = 64;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// A parser, for as long as this lives.
class BorrowedParser {
 public:
  explicit BorrowedParser(ParserPool& pool) : pool_(pool), parser_(pool.Take()) {}
  ~BorrowedParser() { pool_.Return(std::move(parser_)); }
  BorrowedParser(const BorrowedParser&) = delete;
  BorrowedParser& operator=(const BorrowedParser&) = delete;

  dom::parser& operator*() { return *parser_; }

 private:
  ParserPool& pool_;
  std::unique_ptr<dom::parser> parser_;
};

Error Refuse(std::string problem) {
  return {ErrorKind::kInvalidResponse, "task page: " + std::move(problem)};
}

Error NotJson(simdjson::error_code problem) {
  return Refuse(std::string("not valid JSON: ") + simdjson::error_message(problem));
}

std::optional<std::int64_t> ToId(std::string_view text) {
  std::int64_t id = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, id);
  const bool usable = !text.empty() && problem == std::errc() && stopped == end && id > 0;
  return usable ? std::optional(id) : std::nullopt;
}

/// The fields of a record that are read.
enum Field : std::size_t {
  kId,
  kIdString,
  kQueue,
  kType,
  kState,
  kResult,
  kTenant,
  kEnqueuedAt,
  kStartedAt,
  kUpdatedAt,
  kCompletedAt,
  kFields,
};
constexpr std::array<std::string_view, kFields> kNames = {
    "id",     "idString",   "queue",     "type",      "state",      "result",
    "tenant", "enqueuedAt", "startedAt", "updatedAt", "completedAt"};

/// kFields when it is none of them.
std::size_t FieldOf(std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(kNames, name) - kNames.begin());
}

/// A record's fields, found in one walk over it; of those with one name, the first.
class Record {
 public:
  explicit Record(const dom::object& object) {
    for (const dom::key_value_pair field : object) {
      const std::size_t which = FieldOf(field.key);
      if (which != kFields && !found_[which]) {
        found_[which] = true;
        values_[which] = field.value;
      }
    }
  }

  std::string_view Text(Field field) const {
    std::string_view text;
    return found_[field] && values_[field].get(text) == simdjson::SUCCESS ? text
                                                                          : std::string_view();
  }
  std::string TextOrNumber(Field field) const {
    std::int64_t number = 0;
    const bool is_number = found_[field] && values_[field].get(number) == simdjson::SUCCESS;
    return is_number ? std::to_string(number) : std::string(Text(field));
  }
  JsonObject Object(Field field) const {
    return found_[field] ? AsObject(values_[field]) : std::nullopt;
  }
  std::optional<TimePoint> Time(Field field) const { return ParseRfc3339(Text(field)); }

 private:
  std::array<bool, kFields> found_{};
  std::array<dom::element, kFields> values_{};
};

/// `idString`, else `id`; never through a double, which cannot hold 18 digits.
std::optional<std::int64_t> IdOf(const Record& record) {
  const auto id = ToId(record.Text(kIdString));
  if (id) {
    return id;
  }
  const auto other = ToId(record.TextOrNumber(kIdString));
  return other ? other : ToId(record.TextOrNumber(kId));
}

/// A number is what the platform calls a tenant's id, although it writes it as text.
std::string TenantOf(const Record& record) {
  const JsonObject tenant = record.Object(kTenant);
  std::string id = TextOrNumberAt(tenant, "id");
  return id.empty() ? std::string(TextAt(tenant, "uuid")) : id;
}

/// Why `task` cannot be counted; empty when it can.
std::string WhyNotCounted(const Task& task) {
  if (task.state.empty()) {
    return "no state";
  }
  if (task.state != kCompletedState) {
    return "state is not completed";
  }
  return task.completed_at ? "" : "no usable completedAt";
}

Task ReadTask(const dom::object& object, const Record& record, std::int64_t id, PageUse use) {
  Task task;
  task.id = id;
  task.queue = record.Text(kQueue);
  task.state = record.Text(kState);
  task.result_code = TextAt(record.Object(kResult), "code");
  task.enqueued_at = record.Time(kEnqueuedAt);
  task.started_at = record.Time(kStartedAt);
  task.updated_at = record.Time(kUpdatedAt);
  task.completed_at = record.Time(kCompletedAt);
  if (use == PageUse::kListing) {
    task.type = record.Text(kType);
    task.tenant_id = TenantOf(record);
    task.details = ReadTaskDetails(object);
  }
  return task;
}

void ReadRecord(const dom::element& item, PageUse use, TaskPage& page) {
  const JsonObject object = AsObject(item);
  if (!object) {
    page.invalid.push_back({"", "not an object"});
    return;
  }
  const Record record(*object);
  const auto id = IdOf(record);
  if (!id) {
    const std::string text = record.TextOrNumber(kIdString);
    const std::string shown = text.empty() ? record.TextOrNumber(kId) : text;
    page.invalid.push_back({shown.substr(0, kMaxLoggedId), "no usable id"});
    return;
  }
  Task task = ReadTask(*object, record, *id, use);
  if (use == PageUse::kCounting) {
    if (std::string reason = WhyNotCounted(task); !reason.empty()) {
      page.invalid.push_back({std::to_string(*id), std::move(reason)});
      return;
    }
  }
  page.tasks.push_back(std::move(task));
}

std::size_t CountKey(const JsonObject& object, std::string_view key) {
  std::size_t count = 0;
  if (object) {
    for (const dom::key_value_pair field : *object) {
      count += field.key == key ? 1 : 0;
    }
  }
  return count;
}

/// Two lists in one page, or two cursors: nobody can tell which one is meant.
Status WrittenOnce(const JsonObject& object, std::string_view key) {
  return CountKey(object, key) > 1 ? Refuse("'" + std::string(key) + "' is written twice")
                                   : Status(Ok{});
}

/// An object or nothing at all: another type would hide a cursor, and with it tasks.
Result<JsonObject> OptionalObject(const JsonObject& parent, std::string_view key) {
  if (auto once = WrittenOnce(parent, key); !once) {
    return std::move(once).error();
  }
  dom::element element;
  if (!parent || parent->at_key(key).get(element) != simdjson::SUCCESS || element.is_null()) {
    return JsonObject();
  }
  const JsonObject object = AsObject(element);
  return object ? Result<JsonObject>(object)
                : Refuse("'" + std::string(key) + "' is not an object");
}

Result<std::optional<std::string>> NextCursor(const JsonObject& document) {
  const auto paging = OptionalObject(document, "paging");
  if (!paging) {
    return paging.error();
  }
  // Some services of the platform put the cursors on the top level.
  const auto cursors = OptionalObject(*paging ? *paging : document, "cursors");
  if (!cursors) {
    return cursors.error();
  }
  if (auto once = WrittenOnce(*cursors, "after"); !once) {
    return std::move(once).error();
  }
  dom::element after;
  if (!*cursors || (*cursors)->at_key("after").get(after) != simdjson::SUCCESS || after.is_null()) {
    return std::optional<std::string>();
  }
  std::string_view text;
  if (after.get(text) != simdjson::SUCCESS) {
    return Refuse("the cursor is not a text");
  }
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

Result<TaskPage> ReadDocument(const dom::element& root, PageUse use) {
  const JsonObject document = AsObject(root);
  dom::array items;
  if (!document || document->at_key("items").get(items) != simdjson::SUCCESS) {
    return Refuse("'items' is not an array");
  }
  if (items.size() > PageDecoder::kMaxRecords) {
    return Refuse("it has more than " + std::to_string(PageDecoder::kMaxRecords) + " records");
  }
  if (auto once = WrittenOnce(document, "items"); !once) {
    return std::move(once).error();
  }
  auto cursor = NextCursor(document);
  if (!cursor) {
    return cursor.error();
  }
  TaskPage page;
  page.next_cursor = std::move(cursor).value();
  page.server_time = ParseRfc3339(TextAt(document, "timeStamp"));
  page.tasks.reserve(items.size());
  for (const dom::element item : items) {
    ReadRecord(item, use, page);
  }
  return page;
}

Result<TaskPage> DecodeRepaired(dom::parser& parser, const std::string& body, PageUse use) {
  const auto repaired = RepairUtf8(body, body.size() / PageDecoder::kBytesPerRepair);
  if (!repaired) {
    return Refuse("not valid JSON: it is not UTF-8");
  }
  dom::element root;
  if (const auto problem = parser.parse(repaired->text).get(root); problem != simdjson::SUCCESS) {
    return NotJson(problem);
  }
  auto page = ReadDocument(root, use);
  if (!page) {
    return page;
  }
  if (page->next_cursor && page->next_cursor->find(kReplacementCharacter) != std::string::npos) {
    return Refuse("the cursor is not valid UTF-8");
  }
  page->repaired = repaired->replacements;
  return page;
}

}  // namespace

PageDecoder::PageDecoder() : parsers_(ParserPool::Shared()) {}

Result<TaskPage> PageDecoder::Decode(const std::string& body, PageUse use) const {
  // JSON has none (RFC 8259, 8.1). Some versions of the parser skip it, some refuse the text.
  if (body.starts_with(kByteOrderMark)) {
    return Refuse("not valid JSON: it begins with a byte order mark");
  }
  BorrowedParser parser(parsers_);
  dom::element root;
  const auto problem = (*parser).parse(body).get(root);
  if (problem == simdjson::UTF8_ERROR) {
    return DecodeRepaired(*parser, body, use);
  }
  return problem == simdjson::SUCCESS ? ReadDocument(root, use) : NotJson(problem);
}

}  // namespace acronis::api
