#include "tests/decoding/reference_page.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "plugin/core/time_format.h"

namespace acronis::decoding {
namespace {

/// Keeps every field of an object, so that the first of two with one name is found.
template <typename Key, typename Value, typename Less, typename Allocator>
struct EveryField : nlohmann::ordered_map<Key, Value, Less, Allocator> {
  using nlohmann::ordered_map<Key, Value, Less, Allocator>::ordered_map;

  Value& operator[](const Key& key) {
    this->emplace_back(key, Value{});
    return this->back().second;
  }
};
using Json = nlohmann::basic_json<EveryField>;

/// Null when there is no such field.
const Json& At(const Json& object, const std::string& key) {
  static const Json kNothing;
  if (!object.is_object()) {
    return kNothing;
  }
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

std::string Text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::optional<std::int64_t> Id(const Json& value) {
  std::string digits = Text(value);
  if (value.is_number_integer()) {
    digits = value.dump();
  }
  constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::uint64_t id = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') {
      return std::nullopt;
    }
    const auto value_of = static_cast<std::uint64_t>(digit - '0');
    if (id > (kLargest - value_of) / 10) {
      return std::nullopt;
    }
    id = id * 10 + value_of;
  }
  return id == 0 ? std::nullopt : std::optional(static_cast<std::int64_t>(id));
}

bool Repeats(const Json& object, const std::string& key) {
  std::size_t count = 0;
  if (!object.is_object()) {
    return false;
  }
  for (const auto& [name, value] : object.items()) {
    count += name == key ? 1 : 0;
  }
  return count > 1;
}

bool IsObjectOrNothing(const Json& value) {
  return value.is_object() || value.is_null();
}

/// False when the page is to be refused for its cursor.
bool ReadCursor(const Json& page, std::string& cursor) {
  const Json& paging = At(page, "paging");
  const Json& cursors = At(paging.is_object() ? paging : page, "cursors");
  const Json& after = At(cursors, "after");
  cursor = Text(after);
  return !Repeats(page, "paging") && !Repeats(paging.is_object() ? paging : page, "cursors") &&
         !Repeats(cursors, "after") && IsObjectOrNothing(paging) && IsObjectOrNothing(cursors) &&
         (after.is_string() || after.is_null());
}

std::optional<ReferencePage::Record> ReadRecord(const Json& item, api::PageUse use) {
  auto id = Id(At(item, "idString"));
  id = id ? id : Id(At(item, "id"));
  if (!id) {
    return std::nullopt;
  }
  ReferencePage::Record record{.id = *id,
                               .queue = Text(At(item, "queue")),
                               .state = Text(At(item, "state")),
                               .result_code = Text(At(At(item, "result"), "code")),
                               .completed_at = ParseRfc3339(Text(At(item, "completedAt")))};
  const bool countable = record.state == "completed" && record.completed_at;
  return use != api::PageUse::kCounting || countable ? std::optional(record) : std::nullopt;
}

}  // namespace

bool IsJson(const std::string& text) {
  // It skips a byte order mark and takes a NUL for the end; neither is JSON.
  return !text.starts_with("\xEF\xBB\xBF") && text.find('\0') == std::string::npos &&
         Json::accept(text);
}

std::optional<ReferencePage> ReadReference(const std::string& text, api::PageUse use) {
  const Json document = Json::parse(text, nullptr, false);
  const Json& items = At(document, "items");
  ReferencePage page;
  if (!items.is_array() || Repeats(document, "items") || !ReadCursor(document, page.cursor)) {
    return std::nullopt;
  }
  for (const Json& item : items) {
    if (auto record = ReadRecord(item, use)) {
      page.records.push_back(*std::move(record));
    } else {
      ++page.invalid;
    }
  }
  return page;
}

ReferencePage ShapeOf(const api::TaskPage& page) {
  ReferencePage shape{.invalid = page.invalid.size(), .cursor = page.next_cursor.value_or("")};
  for (const Task& task : page.tasks) {
    shape.records.push_back({task.id, task.queue, task.state, task.result_code, task.completed_at});
  }
  return shape;
}

}  // namespace acronis::decoding
