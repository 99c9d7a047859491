#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plugin/api/task_client.h"

namespace acronis::decoding {

/// What a page says by another parser and by a second reading of the rules. Slow and plain.
struct ReferencePage {
  struct Record {
    std::int64_t id = 0;
    std::string queue{};
    std::string state{};
    std::string result_code{};
    std::optional<TimePoint> completed_at{};

    bool operator==(const Record&) const = default;
  };

  std::vector<Record> records{};  ///< In the order of the page.
  std::size_t invalid = 0;
  std::string cursor{};  ///< Empty: none.

  bool operator==(const ReferencePage&) const = default;
};

/// Whether `text` is one JSON value in valid UTF-8, and nothing else.
bool IsJson(const std::string& text);

/// Empty when the rules refuse the page, or when it is no JSON.
std::optional<ReferencePage> ReadReference(const std::string& text, api::PageUse use);

/// What the decoder made of a page, in the same shape.
ReferencePage ShapeOf(const api::TaskPage& page);

}  // namespace acronis::decoding
